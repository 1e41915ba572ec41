"""Public holidays: which dates they are, what they are called, and what a document may say."""

import subprocess
import sys
import warnings
from datetime import date
from typing import Any

import pytest

from domain.tenant.holidays import Holidays, holidays_from_document, holidays_to_document
from domain.tenant.settings import (
    Malformed,
    settings_from_document,
    settings_to_document,
    settings_violations,
)

MANY = [date.fromordinal(730_000 + day).isoformat() for day in range(1_001)]


def closed(country: str, subdivision: str | None, *days: str) -> list[bool]:
    holidays = Holidays(country, subdivision)
    return [holidays.closes(date.fromisoformat(day)) for day in days]


def named(country: str, first: str, last: str, locale: str) -> list[tuple[str, str]]:
    found = Holidays(country).within(date.fromisoformat(first), date.fromisoformat(last), locale)
    return [(on.isoformat(), name) for on, name in found]


def codes(holidays: Any) -> list[tuple[str, str]]:
    found = settings_violations(settings_from_document({"holidays": holidays}))
    return [(violation.field, violation.code) for violation in found]


def test_a_holiday_is_known_for_every_year() -> None:
    """Christmas as much as Good Friday, which moves; a working day is none."""
    assert closed("BR", None, "2026-12-25", "2027-12-25", "2049-12-25") == [True] * 3
    assert closed("BR", None, "2026-04-03", "2027-03-26", "2027-04-03") == [True, True, False]


def test_a_subdivision_has_its_own() -> None:
    """9 July is a holiday in Sao Paulo and not in Rio."""
    assert closed("BR", "SP", "2026-07-09") == [True]
    assert closed("BR", "RJ", "2026-07-09") == [False]


def test_a_substitute_day_counts_in_the_year_it_lies_in() -> None:
    """New Year's Day of 2022 was a Saturday: in the United States the Friday before was off."""
    assert closed("US", None, "2021-12-31", "2022-01-01", "2020-12-31") == [True, True, False]


def test_excepted_dates_are_open() -> None:
    """That date, and not the same day of another year."""
    holidays = Holidays("BR", None, frozenset({date(2026, 11, 20)}))
    assert not holidays.closes(date(2026, 11, 20))
    assert holidays.closes(date(2027, 11, 20))
    assert not list(holidays.within(date(2026, 11, 20), date(2026, 11, 20), ""))


@pytest.mark.parametrize(
    ("country", "locale", "name"),
    [
        ("BR", "pt-BR", "Natal"),
        ("BR", "en-US", "Christmas Day"),
        ("PT", "pt-BR", "Dia de Natal"),
        ("BR", "ja-JP", "Natal"),
        ("BR", "", "Natal"),
    ],
)
def test_names_are_in_the_language_of_the_locale(country: str, locale: str, name: str) -> None:
    """Else in the same language as it is spoken elsewhere, else in the country's own."""
    assert named(country, "2026-12-20", "2026-12-31", locale) == [("2026-12-25", name)]


def test_names_do_not_depend_on_the_machines_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's language takes no part."""
    monkeypatch.setenv("LANGUAGE", "en_US")
    assert named("CL", "2026-12-25", "2026-12-25", "xx") == [("2026-12-25", "Navidad")]


def test_a_stretch_goes_across_years() -> None:
    """By date, both ends inclusive."""
    assert [on for on, _ in named("BR", "2026-12-25", "2027-01-01", "pt-BR")] == [
        "2026-12-25",
        "2027-01-01",
    ]


def test_a_country_that_is_known_for_some_years_says_nothing_about_it() -> None:
    """No warning comes of asking about India in 2040, and the fixed holidays are there."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert closed("IN", None, "2040-08-15") == [True]


@pytest.mark.parametrize(
    ("holidays", "found"),
    [
        ({"country": "BR"}, []),
        ({"country": "BR", "subdivision": "SP", "except": ["2026-11-20"]}, []),
        ({"country": "ZZ"}, [("holidays.country", "unknown_country")]),
        ({"country": "br"}, [("holidays.country", "unknown_country")]),
        ({"country": "HolidayBase"}, [("holidays.country", "unknown_country")]),
        ({"subdivision": "SP"}, [("holidays.country", "unknown_country")]),
        ({"country": "BR", "subdivision": "CA"}, [("holidays.subdivision", "unknown_subdivision")]),
        ({"country": "US", "except": MANY}, [("holidays.except", "too_many")]),
    ],
)
def test_what_is_wrong_with_them_is_told(holidays: Any, found: list[tuple[str, str]]) -> None:
    """An unknown country or subdivision, or too many exceptions."""
    assert codes(holidays) == found


@pytest.mark.parametrize(
    "holidays",
    [
        "BR",
        {"country": 55},
        {"country": "BR", "subdivision": 1},
        {"except": "2026-11-20"},
        {"country": "BR", "except": ["tomorrow"]},
        {"country": "BR", "except": [20261120]},
    ],
)
def test_a_document_of_another_shape_is_malformed(holidays: Any) -> None:
    """Countries and dates are strings, exceptions a list."""
    with pytest.raises(Malformed):
        settings_from_document({"holidays": holidays})


def test_what_the_package_does_not_know_any_more_has_none() -> None:
    """Rules that were stored once are decided on, whatever a newer package calls its countries."""
    assert closed("ZZ", None, "2026-12-25") == [False]
    assert closed("BR", "ZZ", "2026-12-25") == [False]


def test_they_survive_their_document() -> None:
    """Exceptions are written by date, each once."""
    document = {"country": "BR", "subdivision": None, "except": ["2026-11-20", "2026-12-25"]}
    given = {"country": "BR", "except": ["2026-12-25", "2026-11-20", date(2026, 11, 20)]}
    assert holidays_to_document(holidays_from_document(given)) == document
    settings = settings_from_document({"holidays": document})
    assert settings_to_document(settings)["holidays"] == document


def test_the_package_is_imported_when_a_holiday_is_asked_for() -> None:
    """A process in which no tenant has holidays does not spend the time."""
    code = (
        "import sys, domain.reservation.opening, handlers.app\n"
        "from domain.tenant.holidays import Holidays\n"
        "print('holidays' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("False\n", "")
