"""OrganizationSettings: defaults, document, ranges."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tenant.patch import merge_patch
from domain.tenant.ranges import RANGES
from domain.tenant.settings import (
    DEFAULT_SETTINGS,
    DateClosure,
    InstantClosure,
    Malformed,
    OrganizationSettings,
    settings_from_document,
    settings_to_document,
    settings_violations,
)
from domain.time.wall import WallWindow
from tests.unit.domain.civil import utc


def codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    found = settings_violations(settings_from_document(document))
    return [(violation.field, violation.code) for violation in found]


def test_a_tenant_that_saved_nothing_has_the_defaults() -> None:
    """The empty document is the table of defaults, and sound."""
    settings = settings_from_document({})
    assert settings == DEFAULT_SETTINGS
    assert settings_violations(settings) == ()
    office = (WallWindow(540, 1080),)
    assert settings.business_hours == (office,) * 5 + ((), ())
    assert settings_to_document(settings) | {"business_hours": None} == {
        "timezone": "UTC",
        "business_hours": None,
        "slot_interval_minutes": 30,
        "min_advance_minutes": 0,
        "max_advance_days": 90,
        "min_duration_minutes": None,
        "max_duration_minutes": None,
        "cancellation_window_hours": 24,
        "reschedule_window_hours": None,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "enforce_slot_alignment": False,
        "requires_approval": False,
        "max_active_bookings_per_user": None,
        "hold_ttl_seconds": 300,
        "reminder_minutes_before": [1440],
        "self_registration": False,
        "public_booking": False,
        "locale": "pt-BR",
        "currency": "BRL",
        "labels": {},
        "closures": [],
        "holidays": None,
    }


def test_null_is_the_default_again_and_strangers_are_passed_over() -> None:
    """A document as the API shows it, with version and dates, reads as its settings."""
    document = {"hold_ttl_seconds": None, "version": 7, "tenant_id": "t", "locale": "en"}
    assert settings_from_document(document) == replace(DEFAULT_SETTINGS, locale="en")


def test_settings_survive_their_document() -> None:
    """Every field, closures of both kinds included, is read as it was written."""
    settings = replace(
        DEFAULT_SETTINGS,
        timezone="America/Sao_Paulo",
        business_hours=((WallWindow(1320, 120),),) * 7,
        reschedule_window_hours=0,
        max_active_bookings_per_user=3,
        reminder_minutes_before=(),
        labels={"resource": "Barbeiro", "booking": "Horário"},
        closures=(
            DateClosure("a", date(2026, 12, 24), date(2026, 12, 26), "Natal"),
            InstantClosure("b", utc("2026-06-01 12:00"), utc("2026-06-01 13:30"), "Power cut"),
        ),
    )
    assert settings_from_document(settings_to_document(settings)) == settings


def test_a_closure_is_a_date_dates_or_instants() -> None:
    """The three ways to write it; a fraction of a second is rounded outwards."""
    settings = settings_from_document(
        {
            "closures": [
                {"id": "1", "date": "2026-12-25", "reason": "Natal"},
                {"starts_on": "2026-12-30", "ends_on": "2027-01-02"},
                {"starts_at": "2026-06-01T12:00:00.5+02:00", "ends_at": "2026-06-01T11:00:00.5Z"},
            ]
        }
    )
    assert settings.closures == (
        DateClosure("1", date(2026, 12, 25), date(2026, 12, 25), "Natal"),
        DateClosure("", date(2026, 12, 30), date(2027, 1, 2)),
        InstantClosure("", utc("2026-06-01 10:00"), utc("2026-06-01 11:00:01")),
    )


@pytest.mark.parametrize(
    "document",
    [
        {"slot_interval_minutes": "30"},
        {"slot_interval_minutes": True},
        {"requires_approval": 1},
        {"timezone": 3},
        {"labels": []},
        {"labels": {"resource": 1}},
        {"reminder_minutes_before": 1440},
        {"reminder_minutes_before": [1.5]},
        {"business_hours": {"mon": [{"start": "nine", "end": "ten"}]}},
        {"closures": {}},
        {"closures": [1]},
        {"closures": [{"reason": "no time"}]},
        {"closures": [{"date": "2026-13-01"}]},
        {"closures": [{"starts_at": "2026-01-01T00:00:00", "ends_at": "2026-01-02T00:00:00Z"}]},
        {"closures": [{"starts_at": "soon", "ends_at": "later"}]},
    ],
)
def test_what_has_not_the_shape_is_malformed(document: dict[str, Any]) -> None:
    """A wrong type is refused in reading: nothing is guessed or converted."""
    with pytest.raises(Malformed):
        settings_from_document(document)


@pytest.mark.parametrize("field", RANGES)
def test_the_ends_of_a_range_belong_to_it(field: str) -> None:
    """The least and the greatest value are accepted, one step beyond is not."""
    least, most = RANGES[field]
    beyond = (field, "out_of_range")
    assert beyond in codes({field: least - 1})
    assert beyond in codes({field: most + 1})
    assert beyond not in codes({field: least})
    assert beyond not in codes({field: most})


def test_all_that_is_wrong_is_listed() -> None:
    """One answer names every field, so that one correction is enough."""
    assert codes(
        {
            "timezone": "Mars/Olympus",
            "business_hours": {
                "mon": [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}],
                "sun": [{"start": "23:00", "end": "09:30"}],
            },
            "slot_interval_minutes": 4,
            "max_advance_days": 3661,
            "locale": "Portuguese",
            "currency": "R$",
            "reminder_minutes_before": [60, 0],
            "closures": [
                {"starts_on": "2026-12-26", "ends_on": "2026-12-24"},
                {"starts_at": "2026-06-01T12:00:00Z", "ends_at": "2026-06-01T12:00:00Z"},
            ],
        }
    ) == [
        ("timezone", "unknown_timezone"),
        ("locale", "invalid_locale"),
        ("currency", "invalid_currency"),
        ("business_hours.mon.1", "windows_overlap"),
        ("business_hours.sun", "windows_overlap"),
        ("slot_interval_minutes", "out_of_range"),
        ("max_advance_days", "out_of_range"),
        ("reminder_minutes_before.1", "out_of_range"),
        ("closures.0.ends_on", "invalid_interval"),
        ("closures.1.ends_at", "invalid_interval"),
    ]


def test_bounds_of_a_duration_must_leave_something_to_book() -> None:
    """The least may not exceed the greatest, and a multiple of the interval must lie between."""
    assert codes({"min_duration_minutes": 90, "max_duration_minutes": 60}) == [
        ("min_duration_minutes", "min_above_max")
    ]
    assert codes({"slot_interval_minutes": 60, "max_duration_minutes": 45}) == [
        ("max_duration_minutes", "no_duration_possible")
    ]
    assert codes({"min_duration_minutes": 45, "max_duration_minutes": 60}) == []


def test_lists_have_a_limit() -> None:
    """Ten reminders, a hundred labels, a thousand closures."""
    assert codes({"reminder_minutes_before": list(range(1, 12))}) == [
        ("reminder_minutes_before", "too_many")
    ]
    assert codes({"labels": {str(n): "x" for n in range(101)}}) == [("labels", "too_many")]
    assert codes({"closures": [{"date": "2026-12-25"}] * 1001}) == [("closures", "too_many")]


# The examples of RFC 7396, appendix A.
MERGES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "merged"), MERGES)
def test_a_merge_patch_is_that_of_the_rfc(document: Any, patch: Any, merged: Any) -> None:
    """RFC 7396, appendix A, example by example."""
    assert merge_patch(document, patch) == merged


def test_a_patch_of_one_day_leaves_the_others() -> None:
    """Null closes a day; hours that are null altogether are the default again."""
    document = settings_to_document(DEFAULT_SETTINGS)
    patched = merge_patch(document, {"business_hours": {"mon": None}})
    hours = settings_from_document(patched).business_hours
    assert hours[0] == ()
    assert hours[1:] == DEFAULT_SETTINGS.business_hours[1:]
    again = merge_patch(patched, {"business_hours": None})
    assert settings_from_document(again) == DEFAULT_SETTINGS


@given(st.builds(OrganizationSettings, slot_interval_minutes=st.integers(-9, 2000)))
def test_only_an_interval_within_its_range_is_sound(settings: OrganizationSettings) -> None:
    """Five minutes to a day."""
    sound = 5 <= settings.slot_interval_minutes <= 1440
    assert (settings_violations(settings) == ()) is sound
