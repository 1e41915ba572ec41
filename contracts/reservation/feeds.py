"""What a calendar feed shows of bookings."""

from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.reservation.commands import StatusName
from contracts.wire.strict import Cursor, Id, Instant, Query, Strict


class BookingFeed(Query):
    """The bookings of a resource or of a user, from 14 days ago to 400 ahead, by start; asked by a
    gateway for whoever has the feed's token. Holds that ran out are left out."""

    type: ClassVar[str] = "booking.feed"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    resource_id: Id | None = None
    user_id: Id | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    cursor: Cursor | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> "BookingFeed":
        if (self.resource_id is None) == (self.user_id is None):
            raise PydanticCustomError("one_of", "Give resource_id or user_id.")
        return self


class FeedEntry(Strict):
    """A booking of which nothing is said about people; `resource` is its name, in the feed of a
    user alone."""

    id: Id
    starts_at: Instant
    ends_at: Instant
    status: StatusName
    resource: str | None
    version: int
    updated_at: Instant


class FeedView(Strict):
    """A page of a feed; `locale` is the tenant's, where it has one."""

    items: tuple[FeedEntry, ...]
    locale: str | None
    next_cursor: str | None


QUERIES: tuple[type[Query], ...] = (BookingFeed,)
