"""What settings may be: the numbers of the specification, and what is said about each breach."""

from typing import Any

import pytest

from domain.tenant.ranges import RANGES, settings_violations
from domain.tenant.settings import Malformed, settings_from_document


def told(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = settings_violations(settings_from_document(document))
    return [(one.field, one.code, one.message) for one in found]


def test_the_ranges_are_those_of_the_specification() -> None:
    """Written out once more."""
    assert RANGES == {
        "slot_interval_minutes": (5, 1440),
        "min_advance_minutes": (0, 525_600),
        "max_advance_days": (0, 3_660),
        "min_duration_minutes": (5, 44_640),
        "max_duration_minutes": (5, 44_640),
        "cancellation_window_hours": (0, 8_760),
        "reschedule_window_hours": (0, 8_760),
        "buffer_before_minutes": (0, 1_440),
        "buffer_after_minutes": (0, 1_440),
        "max_active_bookings_per_user": (1, 10_000),
        "hold_ttl_seconds": (1, 86_400),
    }


def test_each_breach_has_its_sentence() -> None:
    """For whoever fills in the form, in the order of the fields."""
    assert told(
        {
            "timezone": "Mars/Olympus",
            "locale": "Portuguese",
            "currency": "R$",
            "slot_interval_minutes": 4,
            "reminder_minutes_before": [0],
        }
    ) == [
        ("timezone", "unknown_timezone", "This is no time zone of the IANA database."),
        ("locale", "invalid_locale", "Give a locale such as pt-BR."),
        ("currency", "invalid_currency", "Give a currency such as BRL (ISO 4217)."),
        ("slot_interval_minutes", "out_of_range", "Accepted are 5 to 1440."),
        ("reminder_minutes_before.0", "out_of_range", "Accepted are 1 to 525600."),
    ]


def test_a_duration_that_cannot_be_has_its_sentence() -> None:
    """The bounds the wrong way round, and bounds between which no multiple lies."""
    assert told({"min_duration_minutes": 90, "max_duration_minutes": 60}) == [
        (
            "min_duration_minutes",
            "min_above_max",
            "The least duration may not exceed the greatest.",
        )
    ]
    sentence = "No multiple of the interval (60 minutes) lies within the bounds."
    assert told({"slot_interval_minutes": 60, "max_duration_minutes": 45}) == [
        ("max_duration_minutes", "no_duration_possible", sentence)
    ]
    assert told(
        {
            "slot_interval_minutes": 60,
            "min_duration_minutes": 70,
            "max_duration_minutes": 110,
        }
    ) == [("max_duration_minutes", "no_duration_possible", sentence)]


def test_without_a_greatest_duration_31_days_are_it() -> None:
    """An interval of 22 hours fits 33 times into them, and no least duration beyond that."""
    step = 22 * 60
    assert told({"slot_interval_minutes": step, "min_duration_minutes": 33 * step}) == []
    assert told({"slot_interval_minutes": step, "min_duration_minutes": 33 * step + 1}) == [
        (
            "min_duration_minutes",
            "no_duration_possible",
            "No multiple of the interval (1320 minutes) lies within the bounds.",
        )
    ]


@pytest.mark.parametrize(
    "bounds",
    [
        {"min_duration_minutes": 60, "max_duration_minutes": 60},
        {"slot_interval_minutes": 60, "max_duration_minutes": 60},
        {"slot_interval_minutes": 60, "max_duration_minutes": 119},
        {"slot_interval_minutes": 30, "min_duration_minutes": 45, "max_duration_minutes": 60},
        {"slot_interval_minutes": 5, "min_duration_minutes": 5, "max_duration_minutes": 5},
    ],
)
def test_bounds_that_leave_one_multiple_are_sound(bounds: dict[str, Any]) -> None:
    """Equal bounds among them."""
    assert told(bounds) == []


def test_the_longest_lists_are_accepted() -> None:
    """Ten reminders, the longest of a year; a hundred labels; a thousand closures; not one more."""
    reminders = [525_600, *range(1, 10)]
    labels = {str(number): "x" for number in range(100)}
    closures = [{"date": "2026-12-25"}] * 1000
    whole = {"reminder_minutes_before": reminders, "labels": labels, "closures": closures}
    assert told(whole) == []
    assert told({"reminder_minutes_before": [525_601]})[0][1] == "out_of_range"
    assert told({"labels": labels | {"more": "x"}}) == [
        ("labels", "too_many", "At most 100 are accepted.")
    ]
    assert told({"closures": [*closures, closures[0]]}) == [
        ("closures", "too_many", "At most 1000 are accepted.")
    ]


def test_what_is_wrong_with_windows_is_told_beside_the_numbers() -> None:
    """Durations are only judged when nothing else is wrong with names, hours and numbers."""
    windows = [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]
    found = told(
        {
            "business_hours": {"mon": windows},
            "min_duration_minutes": 90,
            "max_duration_minutes": 60,
            "currency": "brl",
        }
    )
    assert [(field, code) for field, code, _ in found] == [
        ("currency", "invalid_currency"),
        ("business_hours.mon.1", "windows_overlap"),
    ]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "settings are an object"),
        ({"labels": []}, "labels are an object"),
        ({"labels": {"resource": 1}}, "labels is str, not 1"),
        ({"closures": {}}, "closures is a list"),
        ({"reminder_minutes_before": 60}, "reminder_minutes_before is a list"),
        ({"reminder_minutes_before": ["60"]}, "reminder_minutes_before is int, not '60'"),
        ({"max_duration_minutes": "60"}, "max_duration_minutes is int, not '60'"),
        ({"timezone": 3}, "timezone is str, not 3"),
    ],
)
def test_what_has_not_the_shape_is_named(document: Any, sentence: str) -> None:
    """The setting, what it should be and what it was."""
    with pytest.raises(Malformed) as raised:
        settings_from_document(document)
    assert str(raised.value) == sentence
