"""Reports on the bookings of a tenant, from figures that its events keep up.

`from` and `to` are local dates, both inclusive, 366 days at most. A booking is counted on the date
on which it starts, by the clocks of the zone in which it was booked; its booked minutes where they
lie.
"""

import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.wire.strict import Command, Day, Id, Query, Strict

GroupBy = Literal["day", "week", "month", "resource", "category", "weekday_hour"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Step = Literal[
    "after_start", "under_1h", "1h_to_4h", "4h_to_24h", "1d_to_3d", "3d_to_7d", "7d_or_more"
]
Count = Annotated[int, Field(ge=0)]
Minutes = Annotated[float, Field(ge=0)]
Ratio = Annotated[float, Field(ge=0)]


class Report(Query):
    """What is reported on, and by what it is grouped."""

    context: ClassVar[str] = "report"
    permissions: ClassVar[tuple[str, ...]] = ("report:read",)

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    group_by: GroupBy = "day"

    @model_validator(mode="after")
    def _in_order(self) -> "Report":
        if self.last < self.first:
            raise PydanticCustomError("one_of", "to lies before from.")
        return self


class ReportOccupancy(Report):
    """How much of the open time is booked."""

    type: ClassVar[str] = "report.occupancy"


class ReportBookings(Report):
    """How many bookings there are, and what became of them."""

    type: ClassVar[str] = "report.bookings"


class ReportCancellations(Report):
    """How many bookings were cancelled, by whom, and how long before their start."""

    type: ClassVar[str] = "report.cancellations"


class ReportNoShows(Report):
    """To how many bookings nobody came, and how long before their start they had been made."""

    type: ClassVar[str] = "report.no_shows"


class ReportSurvey(Command):
    """Works out open days between the dates that are not worked out yet, so many at once; without
    dates, those that are asked for most."""

    type: ClassVar[str] = "report.survey"
    context: ClassVar[str] = "report"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    first: Day | None = None
    last: Day | None = None


class Group(Strict):
    """What the figures of a row belong to; a row has the members that it is grouped by. `week` is
    that of ISO 8601 (`2026-W48`), `month` is `2026-11`, `hour` is 0 to 23."""

    day: datetime.date | None = None
    week: str | None = None
    month: str | None = None
    resource_id: Id | None = None
    category_id: Id | None = None
    weekday: Weekday | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None


class OccupancyFigures(Strict):
    """Minutes times quantity that are booked, and minutes times capacity that are open; their
    ratio, null where nothing is open."""

    booked_minutes: Minutes
    open_minutes: Minutes
    occupancy: Ratio | None


class BookingFigures(Strict):
    """`bookings` is the sum of those by status. `holds` never became bookings. `minutes` are those
    of all that are pending or confirmed, or were, times the quantity."""

    bookings: Count
    pending: Count
    confirmed: Count
    checked_in: Count
    completed: Count
    no_show: Count
    cancelled: Count
    rejected: Count
    expired: Count
    holds: Count
    minutes: Minutes


class LeadTimes(Strict):
    """How many lie how long before the start (bounds belong to the longer step), their mean, and
    the step in which the median is."""

    lead_after_start: Count
    lead_under_1h: Count
    lead_1h_to_4h: Count
    lead_4h_to_24h: Count
    lead_1d_to_3d: Count
    lead_3d_to_7d: Count
    lead_7d_or_more: Count
    lead_mean_minutes: Minutes | None
    lead_median: Step | None


class CancellationFigures(LeadTimes):
    """`rate` is of the `bookings` that start then. `in_time` and `late` are by the policy that each
    was booked under; lead times are from the cancellation to the start."""

    cancelled: Count
    bookings: Count
    rate: Ratio | None
    by_customer: Count
    by_staff: Count
    by_service: Count
    by_system: Count
    in_time: Count
    late: Count


class NoShowFigures(LeadTimes):
    """`rate` is of those that `ended`: that somebody came to, and that nobody came to. Lead times
    are from when each was booked to its start."""

    no_shows: Count
    ended: Count
    rate: Ratio | None
    minutes_lost: Minutes


class ReportView(Strict):
    """What was asked."""

    first: datetime.date = Field(alias="from")
    last: datetime.date = Field(alias="to")
    group_by: GroupBy


class OccupancyRow(Group, OccupancyFigures):
    pass


class OccupancyView(ReportView):
    items: tuple[OccupancyRow, ...]
    total: OccupancyFigures


class BookingRow(Group, BookingFigures):
    pass


class BookingsView(ReportView):
    items: tuple[BookingRow, ...]
    total: BookingFigures


class CancellationRow(Group, CancellationFigures):
    pass


class CancellationsView(ReportView):
    items: tuple[CancellationRow, ...]
    total: CancellationFigures


class NoShowRow(Group, NoShowFigures):
    pass


class NoShowsView(ReportView):
    items: tuple[NoShowRow, ...]
    total: NoShowFigures


COMMANDS: tuple[type[Command], ...] = (ReportSurvey,)
QUERIES: tuple[type[Query], ...] = (
    ReportOccupancy,
    ReportBookings,
    ReportCancellations,
    ReportNoShows,
)
