"""Bookings that a change of opening time has left outside: part of the answer to that change."""

from contracts.wire.strict import Id, Instant, Strict


class AffectedBooking(Strict):
    """A booking that was left alone, and that the opening time of now would not admit."""

    id: Id
    resource_id: Id
    user_id: Id | None
    starts_at: Instant
    ends_at: Instant
    status: str
    version: int


class Affecting(Strict):
    """The answer to a change, with the first 200 of the bookings by start, and how many there are.
    A change that leaves opening time as it is says nothing about bookings."""

    affected_bookings: tuple[AffectedBooking, ...] | None = None
    affected_bookings_count: int | None = None
