"""Lists and availability: what is shown is what stands, and what a booking would get."""

from datetime import timedelta
from typing import Any

from contracts.reservation import commands, queries
from contracts.wire.identity import new_id
from tests.integration.desk import code_of
from tests.integration.reservation.salon import Salon, morning


async def starts(salon: Salon, **filters: Any) -> list[str]:
    reply = await salon.ask(queries.BookingList, None, **filters)
    return [one["starts_at"][11:13] for one in reply.body["items"]]


async def test_filters_narrow_the_list(salon: Salon) -> None:
    """Resource, user, status, overlap with [from, to), and a part of the notes."""
    other = await salon.resource(new_id())
    customer = await salon.customer()
    await salon.book(morning(hour=8), notes="Wash 100%")
    await salon.book(morning(hour=9), resource_id=other)
    await salon.book(morning(hour=10), user_id=customer.id)
    gone = (await salon.book(morning(hour=11))).body["id"]
    await salon.ask(commands.BookingCancel, booking_id=gone)

    assert await starts(salon) == ["08", "09", "10", "11"]
    assert await starts(salon, resource_id=other) == ["09"]
    assert await starts(salon, user_id=customer.id) == ["10"]
    assert await starts(salon, status=["cancelled"]) == ["11"]
    assert await starts(salon, status=["confirmed", "cancelled"]) == ["08", "09", "10", "11"]
    assert await starts(salon, **{"from": morning(hour=9), "to": morning(hour=10)}) == ["09"]
    assert await starts(salon, q="wash 100%") == ["08"]
    assert await starts(salon, q="100_") == []


async def test_a_customer_sees_their_own(salon: Salon) -> None:
    """Whatever a customer asks for, the list is of their bookings."""
    one, other = await salon.customer(), await salon.customer()
    await salon.book(morning(hour=9), actor=one)
    await salon.book(morning(hour=10), actor=other)
    mine = await salon.ask(queries.BookingList, one)
    theirs = await salon.ask(queries.BookingList, one, user_id=other.id)
    assert [item["user_id"] for item in mine.body["items"]] == [one.id]
    assert theirs.body["items"] == []
    assert mine.body["items"][0]["can_cancel"] is True


async def test_pages_are_stable_under_inserts(salon: Salon) -> None:
    """Every booking that stood at the first page is shown once, though others come in between."""
    for hour in (8, 10, 12, 14):
        await salon.book(morning(hour=hour))
    first = (await salon.ask(queries.BookingList, limit=2)).body
    await salon.book(morning(hour=6))
    await salon.book(morning(hour=11))
    second = (await salon.ask(queries.BookingList, limit=2, cursor=first["next_cursor"])).body
    third = (await salon.ask(queries.BookingList, limit=2, cursor=second["next_cursor"])).body
    shown = [one["starts_at"][11:13] for page in (first, second, third) for one in page["items"]]
    assert shown == ["08", "10", "11", "12", "14"]
    assert third["next_cursor"] is None


async def test_a_cursor_is_of_no_use_elsewhere(salon: Salon, clinic: Salon) -> None:
    """Another tenant's cursor is 400 `invalid_cursor`, and so is rubbish."""
    for hour in (8, 10):
        await salon.book(morning(hour=hour))
    cursor = (await salon.ask(queries.BookingList, limit=1)).body["next_cursor"]
    for reply in (
        await clinic.ask(queries.BookingList, cursor=cursor),
        await salon.ask(queries.BookingList, cursor="rubbish"),
    ):
        assert code_of(reply) == (400, "invalid_cursor")


async def test_what_is_offered_is_what_is_had(salon: Salon) -> None:
    """Every slot of a day: offered and then booked, or not offered and refused."""
    hours = [{"start": "09:00", "end": "13:00"}]
    await salon.settings(
        business_hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), hours),
        buffer_after_minutes=30,
        enforce_slot_alignment=True,
    )
    await salon.book(morning(hour=10))
    on = morning().date()
    while True:
        answer = await salon.ask(
            queries.AvailabilityGet,
            resource_id=salon.resource_id,
            date=on,
            duration_minutes=60,
        )
        slots = answer.body["days"][0]["slots"]
        for slot in slots:
            if not slot["available"]:
                refused = await salon.ask(
                    commands.BookingCreate,
                    resource_id=salon.resource_id,
                    starts_at=slot["start"],
                    ends_at=slot["end"],
                )
                assert refused.status == 409, slot
        offered = next((slot for slot in slots if slot["available"]), None)
        if offered is None:
            break
        made = await salon.ask(
            commands.BookingCreate,
            resource_id=salon.resource_id,
            starts_at=offered["start"],
            ends_at=offered["end"],
        )
        assert made.status == 201, offered
    assert len(slots) == 7
    assert await salon.taken() == 2


async def test_moving_is_offered_ones_own_place(salon: Salon) -> None:
    """`exclude_booking_id` leaves a booking out of what is taken; a lapsed hold takes nothing."""
    booking = (await salon.book(morning(hour=9))).body["id"]
    lapsed = (await salon.book(morning(hour=12), status="held")).body["id"]
    await salon.let_hold_run_out(lapsed)

    async def free(**more: Any) -> set[str]:
        reply = await salon.ask(
            queries.AvailabilityGet,
            None,
            resource_id=salon.resource_id,
            date=morning().date(),
            duration_minutes=60,
            **more,
        )
        slots = reply.body["days"][0]["slots"]
        return {slot["start"][11:16] for slot in slots if slot["available"]}

    assert "09:00" not in await free()
    assert "12:00" in await free()
    assert "09:00" in await free(exclude_booking_id=booking)


async def test_a_range_has_an_end(salon: Salon) -> None:
    """62 days are answered, 63 are 400 `range_too_long`; a foreign resource is 404."""
    first = morning().date()

    async def asked(days: int, **more: Any) -> tuple[int, str | None]:
        last = first + timedelta(days=days - 1)
        fields = {"resource_id": salon.resource_id, "from": first, "to": last, **more}
        return code_of(await salon.ask(queries.AvailabilityGet, None, **fields))

    assert await asked(62) == (200, None)
    assert await asked(63) == (400, "range_too_long")
    assert await asked(1, resource_id=new_id()) == (404, "not_found")
