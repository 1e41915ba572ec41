"""A booking's life: each change is one version, one history row and one event."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.reservation import commands, queries
from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.strict import Message
from tests.integration.desk import code_of, errors_of
from tests.integration.reservation.salon import Salon, morning, person

Fields = tuple[tuple[type[Message], dict[str, Any]], ...]


async def hold(salon: Salon, at: datetime | None = None) -> str:
    booking_id: str = (await salon.book(at or morning(), status="held")).body["id"]
    return booking_id


async def to(salon: Salon, booking_id: str, status: str, **more: Any) -> Reply:
    return await salon.ask(
        commands.BookingChangeStatus, booking_id=booking_id, status=status, **more
    )


async def test_events_are_numbered_without_gap(salon: Salon) -> None:
    """Create, edit, move, check in, complete: versions, history and events are 1, 2, 3, 4, 5."""
    made = await salon.book(morning(), notes="window seat")
    booking = made.body["id"]
    await salon.ask(commands.BookingUpdate, booking_id=booking, notes="aisle seat")
    await salon.ask(
        commands.BookingUpdate,
        booking_id=booking,
        starts_at=morning(hour=11),
        ends_at=morning(hour=12),
    )
    await to(salon, booking, "checked_in")
    last = await to(salon, booking, "completed")

    assert (made.status, last.body["status"], last.body["version"]) == (201, "completed", 5)
    assert await salon.events(booking) == [
        ("booking.created", 1),
        ("booking.updated", 2),
        ("booking.updated", 3),
        ("booking.status_changed", 4),
        ("booking.status_changed", 5),
    ]
    history = (await salon.ask(queries.BookingHistory, booking_id=booking)).body["items"]
    assert [(one["version"], one["type"]) for one in history] == [
        (number, kind) for kind, number in await salon.events(booking)
    ]
    assert history[3]["changes"]["status"] == {"before": "confirmed", "after": "checked_in"}
    assert {one["actor"] for one in history} == {salon.staff.label}
    assert await salon.taken() == 0


async def test_free_text_stays_out_of_events(salon: Salon) -> None:
    """Notes and reasons are in history, and of an event it can only be told that they changed."""
    booking = (await salon.book(morning(), notes="allergic to nuts")).body["id"]
    await salon.ask(commands.BookingCancel, booking_id=booking, reason="a private matter")
    told = str([event.data for event in await salon.desk.events(booking)])
    history = await salon.ask(queries.BookingHistory, booking_id=booking)
    assert "nuts" not in told
    assert "private" not in told
    assert "redacted" in told
    assert "nuts" in str(history.body)


async def test_a_change_that_changes_nothing_makes_nothing(salon: Salon) -> None:
    """A PATCH with what stands already has neither version nor event."""
    booking = (await salon.book(morning(), notes="x")).body["id"]
    same = await salon.ask(commands.BookingUpdate, booking_id=booking, notes="x")
    assert (same.status, same.body["version"]) == (200, 1)
    assert len(await salon.events(booking)) == 1


async def test_a_cancelled_place_is_free(salon: Salon) -> None:
    """Cancelling says by whom and why, has one event, and gives the place to the next."""
    booking = (await salon.book(morning())).body["id"]
    reply = await salon.ask(commands.BookingCancel, booking_id=booking, reason="ill")
    assert (reply.body["status"], reply.body["cancelled_by"]) == ("cancelled", salon.staff.label)
    assert await salon.events(booking) == [("booking.created", 1), ("booking.cancelled", 2)]
    again = await salon.ask(commands.BookingCancel, booking_id=booking)
    assert code_of(again) == (409, "invalid_transition")
    assert (await salon.book(morning())).status == 201


async def test_a_hold_is_confirmed(salon: Salon) -> None:
    """A hold keeps its place, says its deadline and our time, and becomes a booking."""
    made = await salon.book(morning(), status="held")
    assert made.body["hold_expires_at"] > made.body["server_time"]
    assert code_of(await salon.book(morning())) == (409, "booking_conflict")
    confirmed = await to(salon, made.body["id"], "confirmed")
    assert (confirmed.body["status"], confirmed.body["hold_expires_at"]) == ("confirmed", None)


async def test_who_meets_a_lapsed_hold_expires_it(salon: Salon) -> None:
    """A hold that ran out is expired by the creation that wants its place, with one event."""
    lapsed = await hold(salon)
    await salon.let_hold_run_out(lapsed)
    assert (await salon.book(morning())).status == 201
    assert (await salon.read(lapsed))["status"] == "expired"
    assert await salon.events(lapsed) == [("booking.created", 1), ("booking.hold_expired", 2)]


async def test_a_lapsed_hold_is_not_confirmed(salon: Salon) -> None:
    """Confirming too late is 409 `hold_expired`, and one event says what time has done."""
    lapsed = await hold(salon)
    await salon.let_hold_run_out(lapsed)
    assert code_of(await to(salon, lapsed, "confirmed")) == (409, "hold_expired")
    assert code_of(await to(salon, lapsed, "confirmed")) == (409, "hold_expired")
    assert await salon.events(lapsed) == [("booking.created", 1), ("booking.hold_expired", 2)]


async def test_expiry_has_one_event_whoever_comes(salon: Salon) -> None:
    """Sweeper, confirmation and another's creation at once: one outcome and one event."""
    for day in range(7, 17):
        lapsed = await hold(salon, morning(day))
        await salon.let_hold_run_out(lapsed)
        swept, confirmed, created = await asyncio.gather(
            salon.ask(commands.BookingExpire, SYSTEM, booking_id=lapsed),
            to(salon, lapsed, "confirmed"),
            salon.book(morning(day)),
        )
        assert (swept.status, confirmed.status, created.status) == (200, 409, 201)
        assert await salon.events(lapsed) == [("booking.created", 1), ("booking.hold_expired", 2)]


async def test_a_hold_is_extended_up_to_four_times_its_time(salon: Salon) -> None:
    """Three extensions fit into four TTLs; the next is 409 `hold_limit_reached`."""
    held = await hold(salon)
    replies = [await salon.ask(commands.BookingExtendHold, booking_id=held) for _ in range(4)]
    assert [one.status for one in replies] == [200, 200, 200, 409]
    assert code_of(replies[3]) == (409, "hold_limit_reached")
    assert [kind for kind, _ in await salon.events(held)][1:] == ["booking.updated"] * 3


async def test_approval_makes_pending(salon: Salon) -> None:
    """Where approval is required a booking begins `pending`; its customer cannot confirm it."""
    await salon.settings(requires_approval=True)
    customer = await salon.customer()
    made = await salon.book(morning(), actor=customer)
    assert made.body["status"] == "pending"
    own = await salon.ask(
        commands.BookingChangeStatus, customer, booking_id=made.body["id"], status="confirmed"
    )
    assert code_of(own) == (403, "forbidden")
    assert (await to(salon, made.body["id"], "confirmed")).body["status"] == "confirmed"


@pytest.mark.parametrize("status", ["pending", "held", "expired", "rejected"])
async def test_what_the_life_cycle_does_not_know_is_refused(salon: Salon, status: str) -> None:
    """A confirmed booking becomes nothing but what may follow; the answer names both states."""
    booking = (await salon.book(morning())).body["id"]
    reply = await to(salon, booking, status)
    assert reply.status == 409
    assert await salon.events(booking) == [("booking.created", 1)]


async def test_cancelling_has_its_own_call(salon: Salon) -> None:
    """Status `cancelled` is 400 `use_cancel`."""
    booking = (await salon.book(morning())).body["id"]
    assert code_of(await to(salon, booking, "cancelled")) == (400, "use_cancel")


async def test_terms_are_frozen(salon: Salon) -> None:
    """Settings that change later do not change the terms of a booking that was made."""
    await salon.settings(cancellation_window_hours=0)
    customer = await salon.customer()
    booking = (await salon.book(morning(2), actor=customer)).body["id"]
    await salon.settings(cancellation_window_hours=8000, buffer_after_minutes=600)
    assert (await salon.read(booking, customer))["can_cancel"] is True
    reply = await salon.ask(commands.BookingCancel, customer, booking_id=booking)
    assert reply.status == 200


async def test_what_is_shown_is_what_is_done(salon: Salon) -> None:
    """Inside the window `can_cancel` is false with its reason, and a cancellation gets that."""
    await salon.settings(cancellation_window_hours=24 * 30)
    customer = await salon.customer()
    booking = (await salon.book(morning(2), actor=customer)).body["id"]
    shown = await salon.read(booking, customer)
    assert (shown["can_cancel"], shown["cannot_cancel_reason"]) == (
        False,
        "cancellation_window_passed",
    )
    reply = await salon.ask(commands.BookingCancel, customer, booking_id=booking)
    assert code_of(reply) == (400, "cancellation_window_passed")
    assert (await salon.read(booking))["can_cancel"] is True


async def test_another_tenants_ids_are_not_there(salon: Salon, clinic: Salon) -> None:
    """A booking, resource or user of another tenant is the same 404 as a random id."""
    booking = (await salon.book(morning())).body["id"]
    stranger = await salon.customer()
    asked: Fields = (
        (queries.BookingGet, {}),
        (queries.BookingHistory, {}),
        (commands.BookingUpdate, {"notes": "x"}),
        (commands.BookingCancel, {}),
        (commands.BookingChangeStatus, {"status": "completed"}),
        (commands.BookingExtendHold, {}),
    )
    for booking_id in (booking, new_id()):
        for message, fields in asked:
            reply = await clinic.ask(message, booking_id=booking_id, **fields)
            assert code_of(reply) == (404, "not_found"), message
    theirs = await clinic.book(morning(), resource_id=salon.resource_id)
    assert code_of(theirs) == (404, "not_found")
    assert code_of(await clinic.book(morning(), user_id=stranger.id)) == (404, "not_found")
    mine = (await clinic.book(morning())).body["id"]
    moved = await clinic.ask(commands.BookingUpdate, booking_id=mine, resource_id=salon.resource_id)
    assert code_of(moved) == (404, "not_found")


async def test_a_strangers_booking_is_not_there_for_a_customer(salon: Salon) -> None:
    """A customer neither sees nor changes what is not theirs."""
    booking = (await salon.book(morning())).body["id"]
    customer = await salon.customer()
    reply = await salon.ask(queries.BookingGet, customer, booking_id=booking)
    assert code_of(reply) == (404, "not_found")
    reply = await salon.ask(commands.BookingCancel, customer, booking_id=booking)
    assert code_of(reply) == (404, "not_found")


async def test_nobody_books_for_others_without_the_right(salon: Salon) -> None:
    """A customer books for themselves; for another it is 403."""
    one, other = await salon.customer(), await salon.customer()
    assert (await salon.book(morning(), actor=one)).body["user_id"] == one.id
    reply = await salon.book(morning(hour=12), actor=one, user_id=other.id)
    assert code_of(reply) == (403, "forbidden")


async def test_a_stale_version_is_told(salon: Salon) -> None:
    """If-Match with an old version is 412 and changes nothing; with the present one it is done."""
    booking = (await salon.book(morning())).body["id"]
    asked: Fields = (
        (commands.BookingUpdate, {"notes": "x"}),
        (commands.BookingCancel, {}),
        (commands.BookingChangeStatus, {"status": "completed"}),
    )
    for message, fields in asked:
        reply = await salon.ask(message, booking_id=booking, expected_version=7, **fields)
        assert code_of(reply) == (412, "stale_version")
    reply = await salon.ask(
        commands.BookingUpdate, booking_id=booking, expected_version=1, notes="x"
    )
    assert reply.body["version"] == 2


async def test_rules_are_told_all_at_once(salon: Salon) -> None:
    """The code is that of the first rule that is broken; `errors` has every one of them."""
    await salon.settings(max_advance_days=3, enforce_slot_alignment=True)
    reply = await salon.book(morning(30, minute=10), 45)
    assert code_of(reply) == (400, "too_far_ahead")
    assert {code for _, code in errors_of(reply)} == {
        "too_far_ahead",
        "duration_not_multiple",
        "not_aligned",
    }


async def test_a_rule_that_is_set_aside_is_recorded(salon: Salon) -> None:
    """A manager names the rule, and history says which; staff may not."""
    past = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    fields: dict[str, Any] = {"override_rules": ["in_the_past"]}
    assert code_of(await salon.book(past, actor=salon.staff, **fields))[0] == 403
    made = await salon.book(past, actor=salon.manager, **fields)
    assert made.status == 201
    history = await salon.ask(queries.BookingHistory, booking_id=made.body["id"])
    assert history.body["items"][0]["overridden"] == ["in_the_past"]


async def test_an_id_is_taken_once(salon: Salon, clinic: Salon) -> None:
    """A second creation under a taken id is 409 `id_in_use`, in this tenant alone."""
    mine = new_id()
    assert (await salon.book(morning(), id=mine)).status == 201
    assert code_of(await salon.book(morning(hour=15), id=mine)) == (409, "id_in_use")
    assert (await clinic.book(morning(), id=mine)).status == 201


async def test_a_stranger_to_the_tenant_is_not_there(salon: Salon) -> None:
    """Somebody whom the user context does not know cannot book: 404 before all else."""
    reply = await salon.book(morning(-5), actor=person("customer"))
    assert code_of(reply) == (404, "not_found")
