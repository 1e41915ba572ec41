"""Languages, and dates and times as people of a place write them."""

from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name

from domain.time.zone import load_zone

LANGUAGES = ("en", "pt-BR", "es")
_BY_TONGUE = {"en": "en", "pt": "pt-BR", "es": "es"}


def language_of(*wished: str | None) -> str:
    """The first wish of which there are texts; English where there is none."""
    for one in wished:
        found = _BY_TONGUE.get((one or "").partition("-")[0])
        if found is not None:
            return found
    return "en"


class Formats:
    """How one reader reads dates. `wished` may be of a place whose texts are another's: en-GB."""

    def __init__(self, language: str, wished: str | None, zone: str) -> None:
        self._locale = _locale(language, wished)
        self._zone = load_zone(zone)

    def date(self, moment: datetime) -> str:
        return format_date(moment.astimezone(self._zone), "full", locale=self._locale)

    def time(self, moment: datetime) -> str:
        return format_time(moment.astimezone(self._zone), "short", locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """Day, time and whose time that is."""
        return f"{self.date(moment)}, {self.time(moment)} ({self._zone_name(moment)})"

    def span(self, begin: datetime, end: datetime) -> str:
        """From when to when; the end's day where it is another."""
        first, last = self.date(begin), self.date(end)
        until = self.time(end) if first == last else f"{last}, {self.time(end)}"
        return f"{first}, {self.time(begin)} – {until} ({self._zone_name(begin)})"

    def _zone_name(self, moment: datetime) -> str:
        return get_timezone_name(moment.astimezone(self._zone), locale=self._locale)


def _locale(language: str, wished: str | None) -> Locale:
    if wished and language_of(wished) == language:
        try:
            return Locale.parse(wished, sep="-")
        except (ValueError, UnknownLocaleError):
            pass
    return Locale.parse(language, sep="-")
