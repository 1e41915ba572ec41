"""Whose booking it is: one that the caller may not see is not there for them."""

from dataclasses import dataclass
from uuid import UUID

from contracts.wire.envelope import Actor
from handlers.delivery.work import Refused, refused
from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import BookingRow, find_booking

NOT_FOUND = refused("not_found", "There is no such booking.")


def may_see(actor: Actor, row: BookingRow) -> bool:
    """Staff see every booking of their tenant, a customer their own."""
    return actor.may("booking:read:any") or actor.is_user(row.user_id)


async def visible(read: Reading, booking_id: UUID, actor: Actor) -> BookingRow | Refused:
    """The booking, or the 404 that is said of one that does not exist too."""
    row = await find_booking(read, booking_id)
    return row if row is not None and may_see(actor, row) else NOT_FOUND


async def held_for_change(
    work: Writing, booking_id: UUID, actor: Actor, expected_version: int | None
) -> BookingRow | Refused:
    """The booking under lock, at the version that the caller expects."""
    row = await find_booking(work, booking_id, lock=True)
    if row is None or not may_see(actor, row):
        return NOT_FOUND
    if expected_version not in (None, row.version):
        return refused("stale_version", f"The version is {row.version}.")
    return row


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose are listed: one person's, or everybody's."""

    user_id: UUID | None


def people_shown(actor: Actor, asked: UUID | None) -> Shown | None:
    """A customer's list is of their own, whatever they ask for; None where nothing is theirs."""
    if actor.may("booking:read:any"):
        return Shown(asked)
    own = UUID(actor.id) if actor.kind == "user" and actor.id else None
    return None if own is None or asked not in (None, own) else Shown(own)
