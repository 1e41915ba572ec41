"""What reservation holds about a person: giving it out, and erasing it, for the user context."""

from typing import ClassVar, Literal

from contracts.wire.requester import Requester
from contracts.wire.strict import Command, Id, Page, Query


class BookingExportPerson(Page):
    """A page of one person's bookings, of the changes of all of them, series, or waits."""

    type: ClassVar[str] = "booking.export_person"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    user_id: Id
    kind: Literal["bookings", "history", "series", "waitlist"]


class BookingErasePerson(Command):
    """Free text about the person goes, and they wait for nothing any more; bookings stay. Answered
    by `user.complete_erasure`, once nothing is left."""

    type: ClassVar[str] = "booking.erase_person"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    change_id: Id
    user_id: Id
    requested_by: Requester


COMMANDS: tuple[type[Command], ...] = (BookingErasePerson,)
QUERIES: tuple[type[Query], ...] = (BookingExportPerson,)
