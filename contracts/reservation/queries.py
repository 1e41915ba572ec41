"""Queries of the reservation context."""

import datetime
from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.reservation.commands import Quantity, StatusName
from contracts.wire.strict import (
    AttributeFilter,
    Cursor,
    Day,
    Id,
    Instant,
    Limit,
    Line,
    Page,
    Query,
    Zone,
)


def check_range(
    date: "datetime.date | None", first: "datetime.date | None", last: "datetime.date | None"
) -> None:
    """One date, or a first and a last one."""
    ranged = first is not None and last is not None
    if (date is None) != ranged or (first is None) != (last is None):
        raise PydanticCustomError("one_of", "Give date, or from and to.")
    if first is not None and last is not None and last < first:
        raise PydanticCustomError("one_of", "to lies before from.")


class BookingGet(Query):
    type: ClassVar[str] = "booking.get"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")

    booking_id: Id


class BookingList(Page):
    """Bookings by start; `since` and `until` bound what overlaps `[since, until)`."""

    type: ClassVar[str] = "booking.list"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")
    secret_fields: ClassVar[tuple[str, ...]] = ("q",)

    resource_id: Id | None = None
    user_id: Id | None = None
    category_id: Id | None = None
    series_id: Id | None = None
    status: Annotated[tuple[StatusName, ...], Field(max_length=9)] = ()
    since: Instant | None = Field(default=None, alias="from")
    until: Instant | None = Field(default=None, alias="to")
    q: Line | None = None


class BookingHistory(Page):
    """Every change, oldest first; a page has as many as fit into one answer."""

    type: ClassVar[str] = "booking.history"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")

    booking_id: Id


class BookingFollow(Query):
    """Whether the caller may follow the tenant's events: asked before they do, and again and again
    while they do."""

    type: ClassVar[str] = "booking.follow"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")


class AvailabilityGet(Query):
    """Free slots of a resource on a `date`, or `from` to `to`, both inclusive, 62 days at most."""

    type: ClassVar[str] = "availability.get"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("availability:read",)

    resource_id: Id
    date: Day | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    duration_minutes: Annotated[int, Field(ge=5, le=44_640)] | None = None
    timezone: Zone | None = None
    quantity: Quantity = 1
    exclude_booking_id: Id | None = None

    @model_validator(mode="after")
    def _one_range(self) -> "AvailabilityGet":
        check_range(self.date, self.first, self.last)
        return self


class AvailabilitySearch(Query):
    """The same across resources: which of them are free when; `attribute` narrows as in lists. Up
    to 200 resources are answered at once, and the rest from the `cursor` on."""

    type: ClassVar[str] = "availability.search"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("availability:read",)

    category_id: Id | None = None
    date: Day | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    duration_minutes: Annotated[int, Field(ge=5, le=44_640)] | None = None
    timezone: Zone | None = None
    quantity: Quantity = 1
    attribute: Annotated[tuple[AttributeFilter, ...], Field(max_length=10)] = ()
    limit: Limit = 200
    cursor: Cursor | None = None

    @model_validator(mode="after")
    def _one_range(self) -> "AvailabilitySearch":
        check_range(self.date, self.first, self.last)
        return self


QUERIES: tuple[type[Query], ...] = (
    BookingGet,
    BookingList,
    BookingHistory,
    BookingFollow,
    AvailabilityGet,
    AvailabilitySearch,
)
