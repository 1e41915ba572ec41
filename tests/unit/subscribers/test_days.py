"""The days of a tenant, and the resources that were active on them."""

from datetime import date, datetime
from uuid import UUID, uuid4

import pytest

from handlers.subscribers.billing.days import Activity, ZoneSince, active_resources, bounds

FIRST, LAST = date(2026, 11, 9), date(2026, 11, 11)
NOW = "2026-11-11T12:00:00+00:00"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def limits(*zones: tuple[str, str]) -> list[str]:
    known = [ZoneSince(instant(since), zone) for since, zone in zones]
    return [str(one)[:16] for one in bounds(FIRST, LAST, known)]


def test_days_begin_at_midnight_of_the_tenant() -> None:
    """Until its zone is known, of UTC."""
    assert limits() == [f"2026-11-{day:02} 00:00" for day in (9, 10, 11, 12)]
    found = limits(("2026-01-01T00:00:00Z", "America/Sao_Paulo"))
    assert found == [f"2026-11-{day:02} 03:00" for day in (9, 10, 11, 12)]


def test_a_new_zone_moves_no_day_that_has_begun() -> None:
    """The day of the change has its old beginning; the days after it begin by the new clocks, and
    none before the one that it follows."""
    earlier = ("2026-01-01T00:00:00Z", "UTC")
    found = limits(earlier, ("2026-11-10T12:00:00Z", "America/Sao_Paulo"))
    assert found == ["2026-11-09 00:00", "2026-11-10 00:00", "2026-11-11 03:00", "2026-11-12 03:00"]
    found = limits(("2026-01-01T00:00:00Z", "Etc/GMT+12"), ("2026-11-08T23:00:00Z", "Asia/Tokyo"))
    assert found == sorted(found)


def activity(resource_id: UUID, version: int, at: str, *, active: bool) -> Activity:
    return Activity(resource_id, version, instant(at), active)


@pytest.mark.parametrize(
    ("changes", "active"),
    [
        ([("2026-11-01T00:00:00Z", True)], [1, 1, 1, 0]),
        ([("2026-11-10T23:00:00Z", True)], [0, 1, 1, 0]),
        ([("2026-11-01T00:00:00Z", True), ("2026-11-10T00:00:00Z", False)], [1, 0, 0, 0]),
        ([("2026-11-01T00:00:00Z", True), ("2026-11-10T00:00:01Z", False)], [1, 1, 0, 0]),
        # On and off three times in a day is still one resource.
        (
            [
                ("2026-11-09T01:00:00Z", True),
                ("2026-11-09T02:00:00Z", False),
                ("2026-11-09T03:00:00Z", True),
                ("2026-11-09T04:00:00Z", False),
                ("2026-11-09T05:00:00Z", True),
            ],
            [1, 1, 1, 0],
        ),
        ([("2026-11-01T00:00:00Z", False)], [0, 0, 0, 0]),
        # A transaction that began before the one that it waited for.
        ([("2026-11-09T02:00:00Z", True), ("2026-11-09T01:00:00Z", False)], [0, 0, 0, 0]),
        ([("2026-12-01T00:00:00Z", True)], [0, 0, 0, 0]),
    ],
)
def test_a_resource_counts_on_days_of_which_it_was_active_at_some_time(
    changes: list[tuple[str, bool]], active: list[int]
) -> None:
    """From the day on which it began to the one on which it ended; none that is still to come."""
    known = bounds(FIRST, date(2026, 11, 12), [])
    rows = []
    # Each of two resources by itself.
    for resource_id in (uuid4(), uuid4()):
        rows += [
            activity(resource_id, place, at, active=on) for place, (at, on) in enumerate(changes, 1)
        ]
    assert active_resources(rows, known, instant(NOW)) == [2 * many for many in active]
