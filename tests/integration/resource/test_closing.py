"""Deleting, restoring and shrinking a resource of which something is booked."""

import asyncio
from uuid import UUID

import pytest

from contracts.reservation.commands import BookingCancel
from contracts.resource import commands, queries
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from handlers.reservation import gates
from tests.integration.desk import Desk, code_of
from tests.integration.reservation.salon import Salon, morning
from tests.integration.resource.furniture import furnished
from tests.integration.resource.people import MANAGER, STAFF


async def test_future_bookings_stand_in_the_way(desk: Desk, house: Salon) -> None:
    """409, and nothing has happened: the resource is read, booked, and has no event more."""
    made = await furnished(desk, house)
    booked = await house.book(morning(), resource_id=made["id"])
    refused = await desk.ask(
        commands.ResourceDelete, house.tenant_id, MANAGER, resource_id=made["id"]
    )

    assert code_of(refused) == (409, "has_future_bookings")
    read = await desk.ask(queries.ResourceGet, house.tenant_id, STAFF, resource_id=made["id"])
    assert read.body == made
    assert [event.sequence for event in await desk.events(made["id"])] == [1]
    assert (await house.read(booked.body["id"]))["status"] == "confirmed"
    assert (await house.book(morning(8), resource_id=made["id"])).status == 201


async def test_what_is_over_or_cancelled_does_not(desk: Desk, house: Salon) -> None:
    """Bookings that take the resource no longer, and holds that ran out, are no obstacle."""
    made = await furnished(desk, house)
    cancelled = await house.book(morning(), resource_id=made["id"])
    await house.ask(BookingCancel, booking_id=cancelled.body["id"])
    held = await house.book(morning(8), resource_id=made["id"], status="held")
    await house.let_hold_run_out(held.body["id"])
    reply = await desk.ask(
        commands.ResourceDelete, house.tenant_id, MANAGER, resource_id=made["id"]
    )
    assert (reply.status, reply.body) == (204, None)


async def test_bookings_are_cancelled_with_it(
    desk: Desk, house: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its event, by whoever deleted the resource, also more than one transaction takes;
    and the resource's own event names them, too."""
    monkeypatch.setattr(gates, "CANCELLED_AT_ONCE", 2)
    made = await furnished(desk, house)
    other = await furnished(desk, house)
    ids = [
        (await house.book(morning(day), resource_id=made["id"])).body["id"] for day in range(7, 12)
    ]
    with_it = await house.book(
        morning(20), resource_id=other["id"], additional_resource_ids=[made["id"]]
    )
    elsewhere = await house.book(morning(21), resource_id=other["id"])
    reply = await desk.ask(
        commands.ResourceDelete,
        house.tenant_id,
        MANAGER,
        resource_id=made["id"],
        cancel_bookings=True,
    )

    assert reply.status == 204
    for booking_id in (*ids, with_it.body["id"]):
        assert await house.events(booking_id) == [("booking.created", 1), ("booking.cancelled", 2)]
        found = await house.read(booking_id)
        assert (found["status"], found["cancelled_by"]) == ("cancelled", MANAGER.label)
        assert found["cancellation_reason"] == "resource_deleted"
        told = (await house.desk.events(booking_id))[1].fields["actor"]
        assert str(MANAGER.id) in told
    assert (await house.read(elsewhere.body["id"]))["status"] == "confirmed"
    assert await house.taken(UUID(made["id"])) == 0
    deleted = (await desk.events(made["id"]))[-1]
    assert (deleted.type, deleted.sequence) == ("resource.deleted", 2)
    assert str(MANAGER.id) in deleted.fields["actor"]
    assert desk.facts[-1].body is None


async def test_a_closed_resource_is_not_booked_by_those_who_still_know_it(
    desk: Desk, house: Salon
) -> None:
    """A writer with yesterday's knowledge gets 404, whichever way it takes a place."""
    made = await furnished(desk, house)
    wide = await furnished(desk, house, capacity=3)
    for view in (made, wide):
        it = {"resource_id": view["id"]}
        assert (
            await desk.ask(commands.ResourceDelete, house.tenant_id, MANAGER, **it)
        ).status == 204
        await house.knows({**view, "version": 9})
        assert code_of(await house.book(morning(), **it)) == (404, "not_found")


async def test_a_restored_resource_is_booked_again(desk: Desk, house: Salon) -> None:
    """Restoring opens it before anybody hears that it is there."""
    made = await furnished(desk, house)
    it = {"resource_id": made["id"]}
    await desk.ask(commands.ResourceDelete, house.tenant_id, MANAGER, **it)
    back = await desk.ask(commands.ResourceRestore, house.tenant_id, MANAGER, **it)
    assert (back.status, back.body["version"], back.body["deleted_at"]) == (200, 3, None)
    await house.knows(back.body)
    assert (await house.book(morning(), **it)).status == 201
    again = await desk.ask(commands.ResourceRestore, house.tenant_id, MANAGER, **it)
    assert code_of(again) == (409, "not_deleted")


async def test_a_deletion_that_comes_late_closes_what_is_there_then(
    desk: Desk, house: Salon
) -> None:
    """Two deletions and a restoration between them: the second deletes what was restored, and the
    gate it had closed for the old version does not stay behind open."""
    made = await furnished(desk, house)
    it = {"resource_id": made["id"]}
    late = await desk.begin(commands.ResourceDelete, house.tenant_id, MANAGER, **it)
    renamed = await desk.ask(
        commands.ResourceUpdate, house.tenant_id, MANAGER, name="Another name", **it
    )
    assert renamed.status == 200
    assert (await desk.end(late)).status == 204
    assert desk.told[-4:] == (
        "gate.close",
        "resource.complete_deletion",
        "gate.close",
        "resource.complete_deletion",
    )
    second = await desk.ask(commands.ResourceDelete, house.tenant_id, MANAGER, **it)
    assert code_of(second) == (404, "not_found")


async def test_of_two_deletions_at_once_the_second_finds_nothing(desk: Desk, house: Salon) -> None:
    """Both began on the same version: one 204, one 404, one event."""
    made = await furnished(desk, house)
    it = {"resource_id": made["id"]}
    both = [
        await desk.begin(commands.ResourceDelete, house.tenant_id, MANAGER, **it) for _ in range(2)
    ]
    assert [(await desk.end(one)).status for one in both] == [204, 404]
    assert [event.sequence for event in await desk.events(made["id"])] == [1, 2]


async def test_no_booking_slips_in_while_a_resource_is_deleted(desk: Desk, house: Salon) -> None:
    """Bookings and a deletion at once: none stands on a resource that is gone, none was lost on
    one that is there."""
    for day in range(7, 13):
        made = await furnished(desk, house)
        it = {"resource_id": made["id"]}
        *booked, deleted = await asyncio.gather(
            *(house.book(morning(day, hour=hour), **it) for hour in range(8, 14)),
            desk.ask(commands.ResourceDelete, house.tenant_id, MANAGER, **it),
        )
        stand = sum(reply.status == 201 for reply in booked)
        assert await house.taken(UUID(made["id"])) == stand
        assert (deleted.status == 204) == (stand == 0)


async def test_whoever_may_not_cancel_may_not_delete_with_cancelling(
    desk: Desk, house: Salon
) -> None:
    """resource:delete alone does not cancel other people's bookings."""
    made = await furnished(desk, house)
    keeper = Actor("user", str(new_id()), ("keeper",), frozenset({"resource:delete"}))
    reply = await desk.ask(
        commands.ResourceDelete,
        house.tenant_id,
        keeper,
        resource_id=made["id"],
        cancel_bookings=True,
    )
    assert code_of(reply) == (403, "forbidden")
