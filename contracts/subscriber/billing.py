"""Billing: what is counted of a tenant, day by day, and what stands in the statement of a month."""

import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from contracts.wire.strict import Cursor, Day, Id, Instant, Query, Strict

Month = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


class BillingUsage(Query):
    """What was counted on each day, `from` and `to` inclusive, 366 days at most."""

    type: ClassVar[str] = "billing.usage"
    context: ClassVar[str] = "billing"
    permissions: ClassVar[tuple[str, ...]] = ("billing:read",)

    since: Day = Field(alias="from")
    until: Day = Field(alias="to")


class BillingStatement(Query):
    """The statement of a month: what was counted, what is due, and a page of its lines in the order
    in which they came about."""

    type: ClassVar[str] = "billing.statement"
    context: ClassVar[str] = "billing"
    permissions: ClassVar[tuple[str, ...]] = ("billing:read",)

    month: Month
    limit: Annotated[int, Field(ge=1, le=2_000)] = 50
    cursor: Cursor | None = None


class UsageCounts(Strict):
    """`bookings_made` and both kinds of cancellation count on the day on which they happened, by
    the booking's zone; `bookings_kept`, `no_shows` and `resource_minutes` on the day of the start:
    what lies ahead as it is booked. `late_cancellations` are among `bookings_cancelled`.
    `messages_sent` and `active_resources` (at some time of the day) go by the tenant's zone."""

    bookings_made: int
    bookings_kept: int
    bookings_cancelled: int
    late_cancellations: int
    no_shows: int
    resource_minutes: int
    messages_sent: int
    active_resources: int


class UsageDay(UsageCounts):
    date: datetime.date


class UsageView(Strict):
    days: tuple[UsageDay, ...]


class StartedCounts(Strict):
    """What was counted in this month of bookings that started in an earlier one, whose statement
    stays as it is."""

    bookings_kept: int
    no_shows: int
    resource_minutes: int


class AmountView(Strict):
    """What is due in one currency: of bookings made in the month, and what changes and
    cancellations corrected in it, whenever they were made."""

    currency: str
    charges: str
    corrections: str
    total: str


class LineView(Strict):
    """What one change of a booking made due, or took back, on the day of that change."""

    id: Id
    date: datetime.date
    at: Instant
    booking_id: Id
    resource_id: Id
    kind: Literal["charge", "correction"]
    amount: str
    currency: str


class StatementView(Strict):
    """`usage.active_resources` are those of the day with the most; `earlier_months` is part of
    `usage`. Pages after the first have more lines, and say the rest no more: null."""

    tenant_id: Id
    month: str
    usage: UsageCounts | None
    earlier_months: StartedCounts | None
    amounts: tuple[AmountView, ...] | None
    items: tuple[LineView, ...]
    next_cursor: str | None


QUERIES: tuple[type[Query], ...] = (BillingUsage, BillingStatement)
