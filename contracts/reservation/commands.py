"""Commands of the reservation context."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.wire.strict import Command, Document, Id, Instant, Name, Text

Quantity = Annotated[int, Field(ge=1, le=100_000)]
StatusName = Literal[
    "held",
    "pending",
    "confirmed",
    "checked_in",
    "completed",
    "cancelled",
    "rejected",
    "no_show",
    "expired",
]


class _BookingCommand(Command):
    context: ClassVar[str] = "reservation"
    booking_id: Id


class BookingCreate(Command):
    """Takes a place: one resource, or any one of a category."""

    type: ClassVar[str] = "booking.create"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:create:any", "booking:create:own")
    secret_fields: ClassVar[tuple[str, ...]] = (
        "notes",
        "attributes",
    )

    id: Id | None = None
    resource_id: Id | None = None
    category_id: Id | None = None
    additional_resource_ids: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    assignment: Literal["least_booked", "first"] = "least_booked"
    user_id: Id | None = None
    starts_at: Instant
    ends_at: Instant
    quantity: Quantity = 1
    status: Literal["held"] | None = None
    notes: Text | None = None
    attributes: Document = {}
    override_rules: Annotated[tuple[Name, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _one_target(self) -> "BookingCreate":
        if (self.resource_id is None) == (self.category_id is None):
            raise PydanticCustomError("one_of", "Give resource_id or category_id.")
        return self


class BookingCreateBatch(Command):
    """Up to a hundred creations; `atomic`: all of them, or none."""

    type: ClassVar[str] = "booking.create_batch"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:create:any", "booking:create:own")
    secret_fields: ClassVar[tuple[str, ...]] = (
        "bookings.notes",
        "bookings.attributes",
    )

    bookings: Annotated[tuple[BookingCreate, ...], Field(min_length=1, max_length=100)]
    atomic: bool = False


class BookingUpdate(_BookingCommand):
    """Moves or edits; decided like a creation, and the old place is kept if it is refused."""

    type: ClassVar[str] = "booking.update"
    permissions: ClassVar[tuple[str, ...]] = ("booking:update:any", "booking:update:own")
    secret_fields: ClassVar[tuple[str, ...]] = (
        "notes",
        "attributes",
    )

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    resource_id: Id | None = None
    quantity: Quantity | None = None
    notes: Text | None = None
    attributes: Document | None = None
    override_rules: Annotated[tuple[Name, ...], Field(max_length=20)] = ()


class BookingCancel(_BookingCommand):
    type: ClassVar[str] = "booking.cancel"
    permissions: ClassVar[tuple[str, ...]] = ("booking:cancel:any", "booking:cancel:own")
    secret_fields: ClassVar[tuple[str, ...]] = ("reason",)

    reason: Text | None = None


class BookingChangeStatus(_BookingCommand):
    type: ClassVar[str] = "booking.change_status"
    permissions: ClassVar[tuple[str, ...]] = ("booking:confirm", "booking:update:own")
    secret_fields: ClassVar[tuple[str, ...]] = ("reason",)

    status: StatusName
    reason: Text | None = None


class BookingExtendHold(_BookingCommand):
    type: ClassVar[str] = "booking.extend_hold"
    permissions: ClassVar[tuple[str, ...]] = ("booking:update:any", "booking:update:own")


class BookingExpire(_BookingCommand):
    """Sent by the timers: a hold that ran out, or a start that passed undecided."""

    type: ClassVar[str] = "booking.expire"
    permissions: ClassVar[tuple[str, ...]] = ("*",)


COMMANDS: tuple[type[Command], ...] = (
    BookingCreate,
    BookingCreateBatch,
    BookingUpdate,
    BookingCancel,
    BookingChangeStatus,
    BookingExtendHold,
    BookingExpire,
)
