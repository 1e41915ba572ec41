"""Joining the line, leaving it, and who sees whom in it."""

import asyncio
from typing import Any

import pytest

from contracts.reservation import commands, waitlist
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from handlers.reservation import waitlist as handling
from tests.integration.desk import code_of, errors_of
from tests.integration.reservation.ripples import Ripples
from tests.integration.reservation.salon import Salon, morning
from tests.integration.reservation.waiting import cancel, entry, join, leave


async def test_leaving_releases_what_is_on_offer(salon: Salon, ripples: Ripples) -> None:
    """204 and the hold is cancelled with its event; the next one is offered it; leaving twice is
    409 with the status."""
    booked = await salon.book(morning())
    first, second = await salon.customer(), await salon.customer()
    one, two = await join(salon, first), await join(salon, second)
    await cancel(salon, booked)
    await ripples.run()
    hold = (await entry(salon, one))["offered_booking_id"]
    assert code_of(await leave(salon, one, first, expected_version=1)) == (412, "stale_version")
    assert (await leave(salon, one, first)).status == 204
    await ripples.run()
    assert (await salon.read(hold))["status"] == "cancelled"
    assert (await entry(salon, one))["status"] == "cancelled"
    assert (await entry(salon, two))["status"] == "offered"
    again = await leave(salon, one, first)
    assert code_of(again) == (409, "invalid_transition")
    assert again.problem is not None
    assert again.problem["current_status"] == "cancelled"


async def test_leaving_while_confirming_has_one_outcome(salon: Salon, ripples: Ripples) -> None:
    """Confirmed first: leaving is 409. Left first: confirming is 409. Never both."""
    for day in range(7, 15):
        booked = await salon.book(morning(day))
        person = await salon.customer()
        waits = await join(salon, person, since=morning(day), hours=1)
        await cancel(salon, booked)
        await ripples.run()
        hold = (await entry(salon, waits))["offered_booking_id"]
        left, confirmed = await asyncio.gather(
            leave(salon, waits, person),
            salon.ask(commands.BookingChangeStatus, person, booking_id=hold, status="confirmed"),
        )
        await ripples.run()
        assert sorted((left.status, confirmed.status)) in ([200, 409], [204, 409])
        status = (await entry(salon, waits))["status"]
        assert status == ("fulfilled" if confirmed.status == 200 else "cancelled")


async def test_nobody_waits_for_the_past(salon: Salon) -> None:
    """When its last start has passed, the timer's command ends an entry, and not before."""
    waits = await join(salon)
    identity: dict[str, Any] = {"entry_id": waits.body["id"]}
    await salon.desk.ask(waitlist.WaitlistExpire, salon.tenant_id, **identity)
    assert (await entry(salon, waits))["status"] == "waiting"
    async with salon.desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE waitlist_entry SET since = now() - interval '1 day',"
            f" until = now() + interval '30 minutes' WHERE entry_id = '{waits.body['id']}'"
        )
    await salon.desk.ask(waitlist.WaitlistExpire, salon.tenant_id, **identity)
    assert (await entry(salon, waits))["status"] == "expired"
    assert code_of(await leave(salon, waits)) == (409, "invalid_transition")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"hours": 0}, "invalid_interval"),
        ({"hours": 24 * 63}, "range_too_long"),
        ({"since": morning(-2), "hours": 2}, "in_the_past"),
        ({"since": morning(200)}, "too_far_ahead"),
        ({"duration_minutes": 45}, "duration_not_multiple"),
        ({"quantity": 2}, "capacity_exceeded"),
    ],
)
async def test_what_cannot_come_is_not_waited_for(
    salon: Salon, changed: dict[str, Any], code: str
) -> None:
    """400 with the code that a booking would get."""
    reply = await join(salon, **changed)
    assert code_of(reply) == (400, code)


async def test_an_inactive_resource_is_not_waited_for(salon: Salon) -> None:
    """400 `resource_unavailable`."""
    await salon.resource(salon.resource_id, active=False)
    assert code_of(await join(salon)) == (400, "resource_unavailable")


async def test_what_is_not_there_is_404(salon: Salon) -> None:
    """Resource, category, user and entry; and a machine has to say who waits."""
    assert code_of(await join(salon, resource_id=new_id())) == (404, "not_found")
    assert code_of(await join(salon, category_id=new_id())) == (404, "not_found")
    assert code_of(await join(salon, user_id=new_id())) == (404, "not_found")
    missing = await salon.ask(waitlist.WaitlistGet, entry_id=new_id())
    assert code_of(missing) == (404, "not_found")
    machine = Actor("service", "billing", (), frozenset({"booking:create:any"}))
    assert code_of(await join(salon, machine)) == (400, "validation_failed")
    gone: dict[str, Any] = {
        "entry_id": str(new_id()),
        "booking_id": str(new_id()),
        "status": "confirmed",
    }
    settled = await salon.desk.ask(waitlist.WaitlistSettle, salon.tenant_id, **gone)
    assert code_of(settled) == (404, "not_found")
    expired = await salon.desk.ask(waitlist.WaitlistExpire, salon.tenant_id, entry_id=new_id())
    assert code_of(expired) == (404, "not_found")


async def test_customers_see_and_remove_their_own(salon: Salon, clinic: Salon) -> None:
    """Another customer's entry is 404, another tenant's too; staff see all, in order; pages go on
    where they ended."""
    one, other = await salon.customer(), await salon.customer()
    mine, theirs = await join(salon, one), await join(salon, other)
    assert code_of(await join(salon, one, user_id=other.id)) == (403, "forbidden")
    for actor in (one,):
        assert code_of(await leave(salon, theirs, actor)) == (404, "not_found")
        listed = await salon.ask(waitlist.WaitlistList, actor)
        assert [item["id"] for item in listed.body["items"]] == [mine.body["id"]]
        foreign = await salon.ask(waitlist.WaitlistList, actor, user_id=other.id)
        assert foreign.body["items"] == []
    assert code_of(await leave(clinic, mine)) == (404, "not_found")
    page = (await salon.ask(waitlist.WaitlistList, limit=1)).body
    rest = (await salon.ask(waitlist.WaitlistList, limit=1, cursor=page["next_cursor"])).body
    assert [one["id"] for one in (*page["items"], *rest["items"])] == [
        mine.body["id"],
        theirs.body["id"],
    ]
    bad = await salon.ask(waitlist.WaitlistList, cursor="rubbish")
    assert code_of(bad) == (400, "invalid_cursor")
    narrowed = await salon.ask(
        waitlist.WaitlistList, resource_id=salon.resource_id, status=["offered"]
    )
    assert narrowed.body["items"] == []
    reader = Actor("user", str(new_id()), (), frozenset({"booking:read:any", "booking:cancel:own"}))
    assert code_of(await leave(salon, mine, reader)) == (403, "forbidden")


async def test_an_id_is_used_once(salon: Salon) -> None:
    """The caller's own id is the entry's; a second entry with it is 409."""
    identity = new_id()
    assert (await join(salon, id=identity)).body["id"] == str(identity)
    assert code_of(await join(salon, id=identity)) == (409, "id_in_use")


async def test_a_line_has_an_end(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one person, and of a whole tenant: 400 `quota_exceeded`."""
    monkeypatch.setattr(handling, "MOST_OF_ONE", 1)
    monkeypatch.setattr(handling, "MOST_OF_ALL", 2)
    person = await salon.customer()
    assert (await join(salon, person)).status == 201
    assert code_of(await join(salon, person)) == (400, "quota_exceeded")
    assert (await join(salon)).status == 201
    assert code_of(await join(salon, await salon.customer())) == (400, "quota_exceeded")


async def test_leaving_after_the_hold_ran_out_lets_it_expire(
    salon: Salon, ripples: Ripples
) -> None:
    """204, and the hold ended as holds do that run out: by itself, not by being cancelled."""
    booked = await salon.book(morning())
    person = await salon.customer()
    waits = await join(salon, person)
    await cancel(salon, booked)
    await ripples.run()
    hold = (await entry(salon, waits))["offered_booking_id"]
    await salon.let_hold_run_out(hold)
    assert (await leave(salon, waits, person)).status == 204
    assert [kind for kind, _ in await salon.events(hold)] == [
        "booking.created",
        "booking.hold_expired",
    ]


async def test_an_entry_with_a_fraction_of_a_second_expires(salon: Salon) -> None:
    """What is due by the sweeper's query is done by its command."""
    waits = await join(salon)
    async with salon.desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE waitlist_entry SET since = now() - interval '1 day', until ="
            " clock_timestamp() + interval '60 minutes' - interval '1 millisecond'"
            f" WHERE entry_id = '{waits.body['id']}'"
        )
    await salon.desk.ask(waitlist.WaitlistExpire, salon.tenant_id, entry_id=waits.body["id"])
    assert (await entry(salon, waits))["status"] == "expired"


async def test_a_wait_within_the_lead_time_is_refused(salon: Salon) -> None:
    """400 `too_soon`, with the field: its last start could not be booked any more."""
    await salon.settings(min_advance_minutes=60 * 24 * 30)
    reply = await join(salon)
    assert code_of(reply) == (400, "too_soon")
    assert errors_of(reply) == {("to", "too_soon")}
