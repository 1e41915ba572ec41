"""Public holidays of a country: dates on which a tenant opens nothing, in every year.

What the `holidays` package says is a function of country, subdivision and year. It is asked for a
year when a date of it is looked at, and imported then: that takes a fifth of a second, which a
process with no such tenant never spends.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from domain.time.violation import Malformed, Violation

MAX_EXCEPT = 1_000


@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of a country (ISO 3166-1) and of its subdivision (ISO 3166-2, without the
    country), but for the dates that are open all the same."""

    country: str
    subdivision: str | None = None
    excepted: frozenset[date] = frozenset()

    def closes(self, on: date) -> bool:
        return on not in self.excepted and on in _names(self.country, self.subdivision, on.year, "")

    def within(self, first: date, last: date, locale: str) -> Iterator[tuple[date, str]]:
        """Date and name of each from `first` to `last`, both inclusive, in the locale's language
        where the package has it, else in the country's own."""
        for year in range(first.year, last.year + 1):
            for on, name in _names(self.country, self.subdivision, year, locale).items():
                if first <= on <= last and on not in self.excepted:
                    yield on, name


def holidays_from_document(document: Any) -> Holidays:
    """Raises `Malformed`."""
    if not isinstance(document, Mapping):
        raise Malformed("holidays are an object")
    country, subdivision = document.get("country"), document.get("subdivision")
    excepted = document.get("except")
    if not isinstance(country, str | None) or not isinstance(subdivision, str | None):
        raise Malformed("country and subdivision are strings")
    if not isinstance(excepted, list | tuple | None):
        raise Malformed("except is a list")
    return Holidays(country or "", subdivision, frozenset(_date(on) for on in excepted or ()))


def holidays_to_document(holidays: Holidays) -> dict[str, Any]:
    return {
        "country": holidays.country,
        "subdivision": holidays.subdivision,
        "except": [on.isoformat() for on in sorted(holidays.excepted)],
    }


def holidays_violations(holidays: Holidays) -> Iterator[Violation]:
    known = _subdivisions(holidays.country)
    if known is None:
        message = "Give a country that the holidays package knows, such as BR (ISO 3166-1)."
        yield Violation("holidays.country", "unknown_country", message)
    elif holidays.subdivision is not None and holidays.subdivision not in known:
        message = f"{holidays.country} has no such subdivision here; known are: {', '.join(known)}."
        yield Violation("holidays.subdivision", "unknown_subdivision", message)
    if len(holidays.excepted) > MAX_EXCEPT:
        message = f"At most {MAX_EXCEPT} are accepted."
        yield Violation("holidays.except", "too_many", message)


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f"{value!r} is no date") from None


@lru_cache(maxsize=4096)
def _names(country: str, subdivision: str | None, year: int, locale: str) -> Mapping[date, str]:
    """By date. A country that the package does not know (any more) has none."""
    known = _subdivisions(country)
    if known is None or (subdivision is not None and subdivision not in known):
        return MappingProxyType({})
    from holidays import country_holidays  # noqa: PLC0415 (see the module's first lines)

    with warnings.catch_warnings():
        # That it knows some holidays of a country for some years only is no news to a booking.
        warnings.simplefilter("ignore")
        found = country_holidays(
            country,
            subdiv=subdivision,
            years=year,
            expand=False,
            # Without a language the package would take the machine's.
            language=_language(country, locale),
        )
    names = {on: name for on, name in found.items() if on.year == year}
    return MappingProxyType(dict(sorted(names.items())))


@cache
def _countries() -> Mapping[str, str]:
    """The package's name for each country, by the country's two letters."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 (see the module's first lines)

    return {codes[1]: codes[0] for codes in COUNTRIES.values()}


def _entity(country: str) -> Any:
    import holidays  # noqa: PLC0415 (see the module's first lines)

    return getattr(holidays, _countries()[country])


def _subdivisions(country: str) -> tuple[str, ...] | None:
    """The codes of its subdivisions; None is an unknown country."""
    return tuple(_entity(country).subdivisions) if country in _countries() else None


def _language(country: str, locale: str) -> str | None:
    """The package's name of the language: the locale's own, else one that is spoken elsewhere
    (names in `pt_BR` do for Lisbon), else the country's."""
    entity = _entity(country)
    wanted = locale.replace("-", "_")
    near = wanted.partition("_")[0]
    for language in entity.supported_languages:
        if language == wanted:
            return str(language)
    for language in entity.supported_languages:
        if near and language.partition("_")[0] == near:
            return str(language)
    default: str | None = entity.default_language
    return default
