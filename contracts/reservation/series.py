"""Recurring bookings: what is asked of a series, and what is answered."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.reservation.commands import Quantity
from contracts.reservation.views import BookingView
from contracts.wire.strict import (
    YEARS,
    Command,
    Document,
    Id,
    Instant,
    Query,
    Strict,
    Text,
    WholeSecond,
)

_CREATES = ("booking:create:any", "booking:create:own")
Scope = Literal["this", "following", "all"]
# MO to SU, in monthly patterns with a position: 2TU, -1FR.
WeekdayName = Annotated[str, Field(max_length=4)]


def _when(value: str) -> str:
    """A date, or an instant with its offset; kept as it was written."""
    text = value.strip().upper()
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("invalid_datetime", "Give a date or an instant.") from None
    if isinstance(found, datetime) and found.tzinfo is None:
        raise PydanticCustomError("naive_datetime", "An instant needs an offset, such as Z.")
    if found.year not in YEARS:
        raise PydanticCustomError("year_out_of_range", "Years from 2000 to 2100 are accepted.")
    return text


When = Annotated[str, Field(max_length=40), AfterValidator(_when)]


class RecurringPattern(Strict):
    """An RFC 5545 rule on the wall clock of the resource. `until` is inclusive; `exdates` take
    occurrences out after `count` has counted them."""

    frequency: Literal["daily", "weekly", "monthly"]
    interval: Annotated[int, Field(ge=1, le=1000)] = 1
    by_weekday: Annotated[tuple[WeekdayName, ...], Field(max_length=42)] = ()
    by_month_day: Annotated[tuple[int, ...], Field(max_length=62)] = ()
    count: int | None = None
    until: When | None = None
    exdates: Annotated[tuple[When, ...], Field(max_length=1000)] = ()


class _SeriesCommand(Command):
    context: ClassVar[str] = "reservation"
    series_id: Id


class SeriesPreview(Command):
    """What a creation of the same would come to, occurrence by occurrence; books nothing."""

    type: ClassVar[str] = "series.preview"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = _CREATES
    secret_fields: ClassVar[tuple[str, ...]] = (
        "notes",
        "attributes",
    )

    id: Id | None = None
    resource_id: Id
    user_id: Id | None = None
    quantity: Quantity = 1
    starts_at: WholeSecond
    ends_at: WholeSecond
    recurring_pattern: RecurringPattern
    on_conflict: Literal["fail", "skip"] = "fail"
    notes: Text | None = None
    attributes: Document = {}


class SeriesCreate(SeriesPreview):
    """Books every occurrence, 366 at most: all or none, or all but those that cannot be had."""

    type: ClassVar[str] = "series.create"


class SeriesRetrySkipped(_SeriesCommand):
    """Tries the skipped occurrences again, by the rules of now."""

    type: ClassVar[str] = "series.retry_skipped"
    permissions: ClassVar[tuple[str, ...]] = _CREATES


class _ScopedCommand(_SeriesCommand):
    scope: Scope
    booking_id: Id | None = None

    @model_validator(mode="after")
    def _which(self) -> "_ScopedCommand":
        if self.scope != "all" and self.booking_id is None:
            raise PydanticCustomError("one_of", "This scope needs a booking_id.")
        return self


class SeriesUpdate(_ScopedCommand):
    """Moves or edits upcoming bookings, all or none. `starts_at` and `ends_at` are the new time of
    `booking_id` (without one: of the first upcoming booking); the others move by as much on the
    wall clock and get the same length."""

    type: ClassVar[str] = "series.update"
    permissions: ClassVar[tuple[str, ...]] = ("booking:update:any", "booking:update:own")
    secret_fields: ClassVar[tuple[str, ...]] = ("notes",)

    starts_at: WholeSecond | None = None
    ends_at: WholeSecond | None = None
    quantity: Quantity | None = None
    notes: Text | None = None


class SeriesCancel(_ScopedCommand):
    """Cancels upcoming bookings, all or none."""

    type: ClassVar[str] = "series.cancel"
    permissions: ClassVar[tuple[str, ...]] = ("booking:cancel:any", "booking:cancel:own")
    secret_fields: ClassVar[tuple[str, ...]] = ("reason",)

    reason: Text | None = None


class SeriesGet(Query):
    type: ClassVar[str] = "series.get"
    context: ClassVar[str] = "reservation"
    permissions: ClassVar[tuple[str, ...]] = ("booking:read:any", "booking:read:own")

    series_id: Id


class SkippedView(Strict):
    """An occurrence that was not booked, and the code of the first thing that spoke against it."""

    starts_at: Instant
    ends_at: Instant
    code: str


class SeriesView(Strict):
    """`rrule` is the rule it was made by; once a change of `all` moved it, the rule of what was
    still to come then, empty where no rule says that. It knows nothing of changes of `this` and
    `following`: the bookings say when they are."""

    id: Id
    rrule: str
    bookings: tuple[BookingView, ...]
    skipped: tuple[SkippedView, ...]
    version: int


class OccurrenceView(Strict):
    starts_at: Instant
    ends_at: Instant
    ok: bool
    code: str | None = None


class SeriesPreviewView(Strict):
    occurrences: tuple[OccurrenceView, ...]


class OccurrenceError(Strict):
    """One of `errors` of a refused series: `occurrence` is the start of the one it is about."""

    field: str
    code: str
    message: str
    occurrence: Instant


COMMANDS: tuple[type[Command], ...] = (
    SeriesPreview,
    SeriesCreate,
    SeriesRetrySkipped,
    SeriesUpdate,
    SeriesCancel,
)
QUERIES: tuple[type[Query], ...] = (SeriesGet,)
