"""The waitlist: waiting for a place, being offered one, and what becomes of that."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.reservation.commands import Quantity, StatusName
from contracts.wire.strict import Command, Id, Instant, Page, Query, Strict

EntryStatus = Literal["waiting", "offered", "fulfilled", "lapsed", "cancelled", "expired"]
Duration = Annotated[int, Field(ge=5, le=44_640)]


class WaitlistJoin(Command):
    """Waits for a place of `duration_minutes` anywhere within `[from, to)`."""

    type: ClassVar[str] = "waitlist.join"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:create:any", "booking:create:own")

    id: Id | None = None
    resource_id: Id | None = None
    category_id: Id | None = None
    user_id: Id | None = None
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    duration_minutes: Duration
    quantity: Quantity = 1

    @model_validator(mode="after")
    def _one_target(self) -> "WaitlistJoin":
        if (self.resource_id is None) == (self.category_id is None):
            raise PydanticCustomError("one_of", "Give resource_id or category_id.")
        return self


class WaitlistLeave(Command):
    """Waits no longer; a hold that is on offer is released."""

    type: ClassVar[str] = "waitlist.leave"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:cancel:any", "booking:cancel:own")

    entry_id: Id


class WaitlistOffer(Command):
    """A place has become free: whoever comes first in line and fits is offered it. `after` is the
    entry that was looked at last, where a long line is gone through in parts."""

    type: ClassVar[str] = "waitlist.offer"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    resource_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=22)]
    freed_from: Instant
    freed_to: Instant
    after_id: Id | None = None


class WaitlistSettle(Command):
    """The hold on offer was taken up, is gone or has more time: `status` is what it became."""

    type: ClassVar[str] = "waitlist.settle"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    entry_id: Id
    booking_id: Id
    status: StatusName


class WaitlistExpire(Command):
    """Sent by the timers: there is no start left to wait for."""

    type: ClassVar[str] = "waitlist.expire"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    entry_id: Id


class WaitlistGet(Query):
    type: ClassVar[str] = "waitlist.get"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")

    entry_id: Id


class WaitlistList(Page):
    """Entries in the order of the line."""

    type: ClassVar[str] = "waitlist.list"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")

    resource_id: Id | None = None
    category_id: Id | None = None
    user_id: Id | None = None
    status: Annotated[tuple[EntryStatus, ...], Field(max_length=6)] = ()


class WaitlistView(Strict):
    """An entry, in answers and in events."""

    id: Id
    tenant_id: Id
    resource_id: Id | None
    category_id: Id | None
    user_id: Id
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    duration_minutes: int
    quantity: int
    status: EntryStatus
    offered_booking_id: Id | None
    offer_expires_at: Instant | None
    created_by: str
    created_at: Instant
    updated_at: Instant
    version: int


class OfferedPlace(Strict):
    """What is on offer, until when."""

    booking_id: Id
    resource_id: Id
    starts_at: Instant
    ends_at: Instant
    hold_expires_at: Instant


class WaitlistState(WaitlistView):
    """What events carry: with an offer, all that it takes to tell somebody of it."""

    offer: OfferedPlace | None = None


COMMANDS: tuple[type[Command], ...] = (
    WaitlistJoin,
    WaitlistLeave,
    WaitlistOffer,
    WaitlistSettle,
    WaitlistExpire,
)
QUERIES: tuple[type[Query], ...] = (WaitlistGet, WaitlistList)
EVENTS: dict[str, type[Strict]] = {
    "waitlist.joined": WaitlistState,
    "waitlist.offered": WaitlistState,
    "waitlist.extended": WaitlistState,
    "waitlist.fulfilled": WaitlistState,
    "waitlist.lapsed": WaitlistState,
    "waitlist.cancelled": WaitlistState,
    "waitlist.expired": WaitlistState,
}
