"""Figures that events keep up are those that a recount of the bookings gives."""

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.reservation import commands
from contracts.subscriber.reports import (
    ReportBookings,
    ReportCancellations,
    ReportNoShows,
    ReportOccupancy,
)
from contracts.wire.codec import decode
from contracts.wire.envelope import KEY_ROLE, SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.strict import Message
from domain.reservation.rules import OVERRIDABLE
from tests.integration.reservation.salon import Salon, person
from tests.integration.subscribers.reports.conftest import Reports
from tests.integration.subscribers.reports.recount import (
    STATUSES,
    Place,
    booked,
    bookings_of,
    counted,
    group_in,
    opened,
)

GROUPS = ("day", "week", "month", "resource", "category", "weekday_hour")
ZONE = ZoneInfo("America/New_York")
LONG_AGO = "2020-01-01T00:00:00Z"
HOURS = {day: [{"start": "01:00", "end": "05:00"}] for day in ("mon", "tue", "wed", "thu")} | {
    day: [{"start": "00:00", "end": "24:00"}] for day in ("fri", "sat", "sun")
}
# Closed on a date and for an hour and a half; between them clocks change.
CLOSED_ON, CLOSED_FROM = date(2026, 3, 7), datetime(2026, 11, 2, 6, 45, tzinfo=UTC)
CLOSED_TO = CLOSED_FROM + timedelta(minutes=90)
RANGES = ((date(2026, 3, 5), date(2026, 3, 10)), (date(2026, 10, 29), date(2026, 11, 3)))
MACHINE = Actor("service", str(new_id()), (KEY_ROLE,), frozenset({"booking:cancel:any"}))

# What the answers call what the recount counts.
STEPS = (
    *("after_start", "under_1h", "1h_to_4h", "4h_to_24h"),
    *("1d_to_3d", "3d_to_7d", "7d_or_more"),
)
SAID: dict[type[Message], dict[str, str]] = {
    ReportBookings: {name: name for name in (*STATUSES, "bookings", "holds", "minutes")},
    ReportCancellations: {
        **{name: name for name in ("cancelled", "bookings", "in_time", "late")},
        **{name: name for name in ("by_customer", "by_staff", "by_service", "by_system")},
        **{f"lead_{step}": f"notice {step}" for step in STEPS},
    },
    ReportNoShows: {
        "no_shows": "no_show",
        "minutes_lost": "minutes_lost",
        **{f"lead_{step}": f"ahead {step}" for step in STEPS},
    },
}


def is_open(at: datetime) -> bool:
    """By the clock on the wall, whichever of two equal hours it is."""
    if at.date() == CLOSED_ON or CLOSED_FROM <= at.astimezone(UTC) < CLOSED_TO:
        return False
    return 1 <= at.hour < 5 if at.weekday() < 4 else True


class Season:
    """Random bookings of one tenant, and what becomes of them."""

    def __init__(self, salon: Salon, dice: random.Random) -> None:
        self.salon = salon
        self.dice = dice
        category = new_id()
        self.places = [
            Place(new_id(), category, 3, is_open),
            Place(new_id(), None, 1, is_open),
            Place(new_id(), category, 1, lambda _: False),
        ]
        self.future = (datetime.now(UTC) + timedelta(days=2)).astimezone(ZONE).date()
        self.customer = person("customer")
        self.made: list[str] = []

    async def begin(self, reports: Reports) -> None:
        closures: list[dict[str, str]] = [
            {"date": str(CLOSED_ON), "reason": "inventory"},
            {"starts_at": CLOSED_FROM.isoformat(), "ends_at": CLOSED_TO.isoformat()},
        ]
        rules: dict[str, Any] = {
            "timezone": ZONE.key,
            "business_hours": HOURS,
            "closures": closures,
        }
        await self.salon.settings(**rules, cancellation_window_hours=72)
        await self.salon.user(self.customer)
        await reports.settings(LONG_AGO, **rules)
        for place in self.places:
            said = {
                "category_id": None if place.category_id is None else str(place.category_id),
                "capacity": place.capacity,
                "active": place is not self.places[2],
            }
            await self.salon.resource(place.resource_id, **{**said, "active": True})
            await reports.resource(place.resource_id, LONG_AGO, **said)

    def start(self) -> datetime:
        """Somewhere near midnight or a change of clocks, or days ahead."""
        first = self.dice.choice([one for pair in RANGES for one in pair] + [self.future] * 2)
        on = first + timedelta(days=self.dice.randrange(4))
        quarter = timedelta(minutes=15 * self.dice.randrange(96))
        return datetime(on.year, on.month, on.day, tzinfo=ZONE).astimezone(UTC) + quarter

    async def happen(self) -> None:
        """One thing more."""
        if not self.made or self.dice.random() < 0.4:
            await self._book()
            return
        one = self.dice.choice(self.made)
        await self.dice.choice((self._move, self._cancel, self._change, self._lapse))(one)

    async def _book(self) -> None:
        start, place = self.start(), self.dice.choice(self.places)
        others = [other.resource_id for other in self.places if other is not place]
        fields: dict[str, Any] = {
            "resource_id": place.resource_id,
            "additional_resource_ids": self.dice.choice(([], [], others[:1])),
            "quantity": self.dice.randint(1, place.capacity),
            "user_id": self.dice.choice((self.customer.id, None)),
            "override_rules": sorted(OVERRIDABLE),
        }
        if self.dice.random() < 0.3:
            fields["status"] = "held"
        minutes = self.dice.choice((15, 60, 105, 300))
        reply = await self.salon.book(start, minutes, self.salon.manager, **fields)
        if reply.status == 201:
            self.made.append(reply.body["id"])

    async def _move(self, booking_id: str) -> None:
        start = self.start()
        fields = {
            "starts_at": start,
            "ends_at": start + timedelta(minutes=45),
            "resource_id": self.dice.choice(self.places).resource_id,
            "override_rules": sorted(OVERRIDABLE),
        }
        manager = self.salon.manager
        await self.salon.ask(commands.BookingUpdate, manager, booking_id=booking_id, **fields)

    async def _cancel(self, booking_id: str) -> None:
        actor = self.dice.choice((self.salon.manager, self.customer, MACHINE))
        await self.salon.ask(commands.BookingCancel, actor, booking_id=booking_id)

    async def _change(self, booking_id: str) -> None:
        status = self.dice.choice(("confirmed", "checked_in", "completed", "no_show"))
        await self.salon.ask(commands.BookingChangeStatus, booking_id=booking_id, status=status)

    async def _lapse(self, booking_id: str) -> None:
        if (await self.salon.read(booking_id))["status"] == "held":
            await self.salon.let_hold_run_out(booking_id)
            await self.salon.ask(commands.BookingExpire, SYSTEM, booking_id=booking_id)

    async def events(self) -> list[Envelope]:
        rows = await self.salon.desk.rows(
            "SELECT fields FROM outbox WHERE tenant_id = :it AND sequence IS NOT NULL ORDER BY id",
            it=self.salon.tenant_id,
        )
        return [decode({name: text.encode() for name, text in row[0].items()}) for row in rows]

    @property
    def spans(self) -> list[tuple[date, date]]:
        """The ranges that are asked about; the last has all that is ahead."""
        return [*RANGES, (self.future - timedelta(days=1), self.future + timedelta(days=9))]


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_are_those_of_a_recount(salon: Salon, reports: Reports, seed: int) -> None:
    """Every report by every group says what counting the bookings minute by minute says, on days
    with clock changes and closures; and so it does after each event came twice, in any order, to
    two workers at once."""
    season = Season(salon, random.Random(seed))
    await season.begin(reports)
    for _ in range(600):
        await season.happen()
    events = await season.events()
    assert len(events) > 200
    await reports.take(*events)
    in_order = await reports.figures()
    await recounted(season, reports)

    other = Reports(reports.desk, reports._intake, reports.tenant_id)
    await forget(reports)
    shuffled = [*events, *events]
    season.dice.shuffle(shuffled)
    middle = len(shuffled) // 2
    await asyncio.gather(reports.take(*shuffled[:middle]), other.take(*shuffled[middle:]))
    assert await reports.figures() == in_order


async def forget(reports: Reports) -> None:
    """As if nothing of the bookings had ever been heard."""
    async with reports.desk.administrator.begin() as connection:
        for table in ("report_booking", "report_day", "report_hour", "inbox"):
            await connection.exec_driver_sql(
                f"DELETE FROM {table} WHERE tenant_id = '{reports.tenant_id}'"
            )


async def recounted(season: Season, reports: Reports) -> None:
    rows = await bookings_of(season.salon.desk, season.salon.tenant_id)
    statuses = Counter(row.status for row in rows)
    assert {"confirmed", "cancelled", "no_show", "completed", "expired"} <= set(statuses)
    for first, last in season.spans:
        days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
        asked = {"from": str(first), "to": str(last)}
        for group_by in GROUPS:
            await occupancy_is_right(season, reports, rows, days, {**asked, "group_by": group_by})
            await counts_are_right(reports, rows, days, {**asked, "group_by": group_by})


async def occupancy_is_right(
    season: Season, reports: Reports, rows: list[Any], days: list[date], asked: dict[str, Any]
) -> None:
    answer = await reports.ask(ReportOccupancy, **asked)
    group_by = asked["group_by"]
    taken = booked(rows, season.places, group_by, lambda at: at.date() in days)
    free = opened(season.places, group_by, days, ZONE)
    shown = {group_in(group_by, item): item for item in answer["items"]}
    assert {
        key: item["booked_minutes"] for key, item in shown.items() if item["booked_minutes"]
    } == {key: minutes for key, minutes in taken.items() if minutes}
    assert {
        key: item["open_minutes"] for key, item in shown.items() if item["open_minutes"]
    } == free
    assert answer["total"]["booked_minutes"] == taken.total()
    assert answer["total"]["open_minutes"] == free.total()
    for item in (*shown.values(), answer["total"]):
        ratio = item["booked_minutes"] / item["open_minutes"] if item["open_minutes"] else None
        assert item["occupancy"] == (None if ratio is None else pytest.approx(ratio, abs=1e-4))


async def counts_are_right(
    reports: Reports, rows: list[Any], days: list[date], asked: dict[str, Any]
) -> None:
    group_by = asked["group_by"]
    wanted = counted(rows, group_by, lambda at: at.date() in days)
    by_day = counted(rows, "day", lambda at: at.date() in days)
    whole = sum(by_day.values(), Counter[str]())
    for message, names in SAID.items():
        answer = await reports.ask(message, **asked)
        shown = {group_in(group_by, item): said(item, names) for item in answer["items"]}
        kept = {
            key: +Counter({field: found[name] for field, name in names.items()})
            for key, found in wanted.items()
        }
        assert {key: it for key, it in shown.items() if it} == {
            key: it for key, it in kept.items() if it
        }
        total = {field: whole[name] for field, name in names.items()}
        assert said(answer["total"], names) == +Counter(total)


def said(item: dict[str, Any], names: dict[str, str]) -> Counter[str]:
    return +Counter({field: item[field] for field in names})
