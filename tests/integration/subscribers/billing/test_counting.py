"""What is counted, whichever way and order it is heard in, and how it is asked for."""

import asyncio
import random
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.subscriber.billing import BillingStatement, BillingUsage
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from storage.delivery.engine import make_engine
from storage.delivery.transaction import reading, writing
from storage.subscriber import notifications
from storage.subscriber.billing import tally_of_days
from storage.subscriber.notifications import Queued, queue
from storage.subscriber.purging import forget_tenant
from storage.subscriber.tables import BILLING
from tests.integration.desk import Desk, code_of
from tests.integration.postgres import Databases
from tests.integration.subscribers.billing.books import (
    OWNER,
    PRICE,
    Books,
    Told,
    booked,
    resource_event,
    settings_event,
)


def lives(books: Books, count: int) -> list[Told]:
    """Bookings that were made, moved, cancelled in time and late, kept and missed."""
    found = []
    for place in range(count):
        told = booked(books.tenant_id, status="held" if place % 5 == 0 else "confirmed")
        if place % 5 == 0:
            told.status("confirmed", "2026-11-11T12:00:00Z")
        if place % 3 == 0:
            later = {"starts_at": "2026-12-11T15:00:00Z", "ends_at": "2026-12-11T17:00:00Z"}
            told.change("booking.updated", "2026-11-12T12:00:00Z", **later)
        match place % 4:
            case 0:
                told.cancel("2026-12-01T12:00:00Z")
            case 1:
                told.cancel("2026-12-10T14:50:00Z")
            case 2:
                told.status("no_show", "2026-12-11T18:00:00Z")
            case _:
                pass
        found.append(told)
    return found


async def test_what_is_heard_twice_counts_once(books: Books) -> None:
    """An event that is delivered again adds nothing."""
    told = booked(books.tenant_id)
    for _ in range(3):
        await books.hear(*told.events)
    assert await books.usage("2026-11-01", "2026-12-31") == {
        "2026-11-10": {"bookings_made": 1},
        "2026-12-10": {"bookings_kept": 1, "resource_minutes": 60},
    }
    assert await books.amounts("2026-11") == [("BRL", "30.00", "0.00", "30.00")]
    assert await books.amounts("2026-12") == []


async def test_the_order_makes_no_difference(desk: Desk) -> None:
    """Events of many bookings, by many workers at once and the last of one before its first, come
    to the same as one after the other."""
    orderly, hasty = Books(desk), Books(desk)
    mixed = list(chain.from_iterable(one.events for one in lives(hasty, 40)))
    random.Random(7).shuffle(mixed)
    for one in lives(orderly, 40):
        await orderly.hear(*one.events)
    turns = asyncio.Semaphore(8)

    async def heard(event: Any) -> None:
        async with turns:
            await hasty.hear(event, event)

    await asyncio.gather(*map(heard, mixed))
    wanted = await orderly.usage("2026-11-01", "2026-12-31")
    assert await hasty.usage("2026-11-01", "2026-12-31") == wanted
    sums = {name: sum(day.get(name, 0) for day in wanted.values()) for name in USED}
    assert sums == {"bookings_made": 40, "bookings_kept": 10, "bookings_cancelled": 20}
    for month in ("2026-11", "2026-12"):
        assert await hasty.amounts(month) == await orderly.amounts(month)


USED = ("bookings_made", "bookings_kept", "bookings_cancelled")


async def test_a_month_that_is_over_stays_as_it_is(books: Books) -> None:
    """A cancellation in December takes back in December what November's statement says is due; and
    who did not come on the last of November is missed in December's."""
    early = booked(books.tenant_id)
    last = booked(books.tenant_id, starts_at="2026-11-30T15:00:00Z", ends_at="2026-11-30T16:00:00Z")
    await books.hear(*early.events, *last.events)
    before = await books.statement("2026-11")
    assert before["usage"]["bookings_kept"] == 1
    assert before["amounts"][0]["total"] == "60.00"
    await books.hear(
        early.cancel("2026-12-02T12:00:00Z"), last.status("no_show", "2026-12-01T12:00:00Z")
    )
    assert await books.statement("2026-11") == before
    after = await books.statement("2026-12")
    assert after["amounts"] == [
        {"currency": "BRL", "charges": "0.00", "corrections": "-30.00", "total": "-30.00"}
    ]
    assert after["earlier_months"] == {"bookings_kept": -1, "no_shows": 1, "resource_minutes": 0}
    assert after["usage"]["no_shows"] == 1
    # By days, it is the day that it was about.
    assert (await books.usage("2026-11-30", "2026-11-30"))["2026-11-30"]["no_shows"] == 1


async def test_a_statement_has_its_lines_page_by_page(books: Books) -> None:
    """Each change that made something due or took it back, once, as it came; a foreign cursor, and
    one of another month, is refused."""
    told = [booked(books.tenant_id, f"2026-11-{day}T12:00:00Z") for day in range(10, 15)]
    told[0].cancel("2026-11-20T12:00:00Z")
    await books.hear(*chain.from_iterable(one.events for one in told))
    page = await books.statement("2026-11", limit=4)
    rest = await books.statement("2026-11", limit=4, cursor=page["next_cursor"])
    assert [rest[name] for name in ("usage", "earlier_months", "amounts")] == [None] * 3
    lines = page["items"] + rest["items"]
    assert rest["next_cursor"] is None
    ids = [one.state["id"] for one in told]
    assert [line["booking_id"] for line in lines] == [*ids, ids[0]]
    assert [line["amount"] for line in lines] == [*["30.00"] * 5, "-30.00"]
    assert [line["kind"] for line in lines] == [*["charge"] * 5, "correction"]
    assert lines[0]["date"] == "2026-11-10"
    for tenant_id, month in ((new_id(), "2026-11"), (books.tenant_id, "2026-12")):
        asked = {"month": month, "cursor": page["next_cursor"]}
        reply = await books.desk.ask(BillingStatement, tenant_id, OWNER, **asked)
        assert code_of(reply) == (400, "invalid_cursor")


async def test_each_currency_is_a_sum_of_its_own(books: Books) -> None:
    """With as many decimals as it has; a booking without a price is counted and costs nothing."""
    yen = {"amount": "1500", "currency": "JPY", "per": "booking"}
    for price in (yen, PRICE, yen, None):
        await books.hear(*booked(books.tenant_id, price=price).events)
    assert await books.amounts("2026-11") == [
        ("BRL", "30.00", "0.00", "30.00"),
        ("JPY", "3000", "0", "3000"),
    ]
    assert (await books.statement("2026-11"))["usage"]["bookings_made"] == 4


async def test_resources_and_messages_go_by_the_tenants_days(books: Books) -> None:
    """Those that were active at some time of a day, and mails that were sent on it; a statement has
    the day with the most."""
    first, second = new_id(), new_id()
    await books.hear(
        settings_event(books.tenant_id, "America/Sao_Paulo", "2026-11-01T00:00:00Z"),
        resource_event(books.tenant_id, "resource.created", first, "2026-11-02T01:00:00Z"),
        resource_event(books.tenant_id, "resource.updated", first, "2026-11-02T02:00:00Z", 2),
        resource_event(books.tenant_id, "resource.created", second, "2026-11-03T12:00:00Z"),
        resource_event(
            books.tenant_id,
            "resource.deleted",
            second,
            "2026-11-04T12:00:00Z",
            2,
            deleted_at="2026-11-04T12:00:00Z",
        ),
    )
    await sent(books, "2026-11-03T02:59:59Z", "2026-11-03T03:00:00Z", "2026-11-03T12:00:00Z")
    assert await books.usage("2026-11-01", "2026-11-05") == {
        "2026-11-01": {"active_resources": 1},
        "2026-11-02": {"active_resources": 1, "messages_sent": 1},
        "2026-11-03": {"active_resources": 2, "messages_sent": 2},
        "2026-11-04": {"active_resources": 2},
        "2026-11-05": {"active_resources": 1},
    }
    usage = (await books.statement("2026-11"))["usage"]
    assert (usage["active_resources"], usage["messages_sent"]) == (2, 3)


async def sent(books: Books, *ends: str) -> None:
    """Mails that were sent at these instants, and one that was not."""
    ids = [new_id() for _ in ends]
    how = {"fingerprint": "", "actor": "", "reply_to": "", "traceparent": ""}
    async with writing(books.desk.engine, books.tenant_id, new_id(), **how) as (work, _):
        for one in (*ids, new_id()):
            await queue(work, Queued(one, "booking_created", "email", "sealed"))
    async with books.desk.administrator.begin() as connection:
        for one, at in zip(ids, ends, strict=True):
            await connection.execute(
                text(
                    "UPDATE notification SET state = 'sent', ended_at = cast(:at AS text)"
                    "::timestamptz WHERE notification_id = :id"
                ),
                {"at": at, "id": one},
            )


async def test_another_tenants_bill_is_not_there(desk: Desk, books: Books) -> None:
    """Neither counts nor amounts nor lines; nor by row-level security alone."""
    other = Books(desk)
    await books.hear(*booked(books.tenant_id).events)
    await sent(books, "2026-11-03T12:00:00Z")
    assert await other.usage("2026-11-01", "2026-12-31") == {}
    statement = await other.statement("2026-11")
    assert (statement["amounts"], statement["items"]) == ([], [])
    async with reading(desk.engine, other.tenant_id) as read:
        read.tenant_id = books.tenant_id
        found = await tally_of_days(read, date(2026, 11, 1), date(2026, 12, 31))
        limits = [datetime(2026, month, 1, tzinfo=UTC) for month in (11, 12)]
        counted = await notifications.sent_between(read, limits)
    assert (found, counted) == ([], [0])


async def test_nothing_that_was_added_can_be_changed(books: Books) -> None:
    """The application's role adds lines, and can neither change nor take one away."""
    await books.hear(*booked(books.tenant_id).events)
    for statement in ("UPDATE billing_line SET amount = 0", "DELETE FROM billing_line"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with reading(books.desk.engine, books.tenant_id) as read:
                await read.run(text(statement))


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-11-02", "2026-11-01", "invalid_interval"),
        ("2026-01-01", "2027-01-02", "range_too_long"),
    ],
)
async def test_a_range_has_an_order_and_an_end(
    books: Books, first: str, last: str, code: str
) -> None:
    """The last day is not before the first, and a year is the most."""
    fields: dict[str, Any] = {"from": first, "to": last}
    reply = await books.desk.ask(BillingUsage, books.tenant_id, OWNER, **fields)
    assert code_of(reply) == (400, code)


async def test_only_who_may_read_bills_reads_them(books: Books) -> None:
    """`billing:read`, which owners have."""
    manager = Actor("user", str(new_id()), ("manager",), frozenset({"report:read"}))
    reply = await books.desk.ask(BillingStatement, books.tenant_id, manager, month="2026-11")
    assert reply.status == 403


async def test_a_forgotten_tenant_leaves_nothing(desk: Desk, databases: Databases) -> None:
    """Neither counts nor lines, nor how it stood; those of others stay."""
    books, other = Books(desk), Books(desk)
    for one in (books, other):
        await one.hear(
            *booked(one.tenant_id).events,
            settings_event(one.tenant_id, "UTC", "2026-11-01T00:00:00Z"),
            resource_event(one.tenant_id, "resource.created", new_id(), "2026-11-01T00:00:00Z"),
        )
    engine = make_engine(databases.of("subscriber").timer, connections=1, name="timer")
    await forget_tenant(engine, books.tenant_id)
    await engine.dispose()
    for table in BILLING:
        rows = await desk.rows(f"SELECT tenant_id FROM {table.name}")
        whose = {row.tenant_id for row in rows}
        assert (books.tenant_id in whose, other.tenant_id in whose) == (False, True), table.name
