"""Resources and overrides: their document and what may be in it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.resource.override import (
    Override,
    override_from_document,
    override_to_document,
    override_violations,
)
from domain.resource.resource import (
    Malformed,
    Resource,
    resource_from_document,
    resource_violations,
    schedule_from_document,
    schedule_violations,
)
from domain.time.wall import WallWindow

CHRISTMAS = {
    "id": "o1",
    "date": "2026-12-25",
    "closed": False,
    "windows": [{"start": "10:00", "end": "14:00"}],
    "beyond_business_hours": True,
    "reason": "Open for families",
}


def codes(resource: Resource) -> list[tuple[str, str]]:
    return [(violation.field, violation.code) for violation in resource_violations(resource)]


def test_a_resource_is_read_from_its_public_document() -> None:
    """What decides is kept; name, price and attributes are passed over."""
    resource = resource_from_document(
        {
            "id": "r1",
            "name": "Room 1",
            "category_id": "c1",
            "kind": "person",
            "capacity": 3,
            "timezone": "America/Sao_Paulo",
            "availability_schedule": {"mon": [{"start": "09:00", "end": "12:00"}]},
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 15,
            "attributes": {"floor": 2},
            "price": None,
            "active": False,
            "overrides": [CHRISTMAS],
            "version": 4,
        }
    )
    assert resource == Resource(
        id="r1",
        category_id="c1",
        kind="person",
        capacity=3,
        timezone="America/Sao_Paulo",
        availability_schedule=((WallWindow(540, 720),), (), (), (), (), (), ()),
        buffer_before_minutes=0,
        buffer_after_minutes=15,
        active=False,
        overrides=(
            Override(
                "o1", date(2026, 12, 25), False, (WallWindow(600, 840),), True, "Open for families"
            ),
        ),
    )
    assert codes(resource) == []


def test_what_is_null_or_left_out_is_the_tenants() -> None:
    """An empty week is no hours at all, null is the tenant's."""
    plain = resource_from_document({"id": "r1", "timezone": None, "availability_schedule": None})
    assert plain == Resource(id="r1")
    closed = resource_from_document({"id": "r1", "availability_schedule": {}})
    assert closed.availability_schedule == ((),) * 7


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": "r1", "capacity": "3"},
        {"id": "r1", "capacity": True},
        {"id": "r1", "buffer_before_minutes": 1.5},
        {"id": "r1", "availability_schedule": {"mon": "all day"}},
        {"id": "r1", "overrides": ["closed"]},
        {"id": "r1", "overrides": [{"date": "someday"}]},
        {"id": "r1", "overrides": [{"closed": True}]},
    ],
)
def test_what_has_not_the_shape_is_malformed(document: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(Malformed):
        resource_from_document(document)


def test_an_override_survives_its_document() -> None:
    """Every member, in the shape of the API."""
    assert override_to_document(override_from_document(CHRISTMAS)) == CHRISTMAS
    assert override_from_document(CHRISTMAS | {"date": date(2026, 12, 25)}).on == date(2026, 12, 25)


def test_all_that_is_wrong_with_a_resource_is_listed() -> None:
    """Kind, capacity, zone, buffers, schedule and overrides in one answer."""
    overlapping = (WallWindow(540, 720), WallWindow(700, 800))
    override = Override("o1", date(2026, 12, 25), closed=True)
    resource = Resource(
        id="r1",
        kind="ghost",
        capacity=0,
        timezone="Mars/Olympus",
        buffer_before_minutes=-1,
        buffer_after_minutes=1441,
        availability_schedule=(overlapping, (), (), (), (), (), ()),
        overrides=(override, replace(override, id="o2")),
    )
    assert codes(resource) == [
        ("kind", "invalid_value"),
        ("capacity", "out_of_range"),
        ("timezone", "unknown_timezone"),
        ("buffer_before_minutes", "out_of_range"),
        ("buffer_after_minutes", "out_of_range"),
        ("availability_schedule.mon.1", "windows_overlap"),
        ("overrides.1.date", "date_taken"),
    ]


def test_an_override_is_closed_or_has_windows() -> None:
    """Neither both nor none, and its windows may not overlap."""
    on = date(2026, 12, 25)
    window = WallWindow(540, 720)
    found = [
        [violation.code for violation in override_violations(override)]
        for override in (
            Override("o1", on),
            Override("o1", on, True, (window,)),
            Override("o1", on, False, (window, WallWindow(600, 700))),
            Override("o1", on, False, (window,)),
            Override("o1", on, True),
        )
    ]
    assert found == [["one_of"], ["one_of"], ["windows_overlap"], [], []]


def test_a_schedule_is_judged_as_business_hours_are() -> None:
    """Sunday's night may not run into Monday."""
    schedule = schedule_from_document(
        {
            "sun": [{"start": "22:00", "end": "03:00"}],
            "mon": [{"start": "02:00", "end": "05:00"}],
        }
    )
    (found,) = schedule_violations(schedule)
    assert (found.field, found.code) == ("availability_schedule.sun", "windows_overlap")
