"""`/reservations/reports/`: occupancy, bookings, cancellations and no-shows; JSON, or CSV."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from litestar import Controller, get
from pydantic import BaseModel

from contracts.subscriber.reports import (
    BookingFigures,
    CancellationFigures,
    NoShowFigures,
    OccupancyFigures,
    ReportBookings,
    ReportCancellations,
    ReportNoShows,
    ReportOccupancy,
)
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask
from gateway.edge.csv import Cell, CsvAnswer, csv_answer
from gateway.edge.visit import HttpRequest

# By what rows are grouped, and the columns that say it.
_GROUPS = {
    "resource": ("resource_id",),
    "category": ("category_id",),
    "weekday_hour": ("weekday", "hour"),
}


def table_of(name: str, figures: type[BaseModel]) -> CsvAnswer:
    """The rows of a report with these figures; the total is left to the spreadsheet."""

    def written(body: Any) -> HttpAnswer:
        groups: Sequence[str] = _GROUPS.get(body["group_by"], (body["group_by"],))
        columns = (*groups, *figures.model_fields)
        rows = ([_cell(item[column]) for column in columns] for item in body["items"])
        return csv_answer(columns, rows, f"{name}-{body['from']}-{body['to']}.csv")

    return CsvAnswer(written)


def _cell(value: Any) -> Cell:
    return Decimal(str(value)) if isinstance(value, float) else value


OCCUPANCY = table_of("occupancy", OccupancyFigures)
BOOKINGS = table_of("bookings", BookingFigures)
CANCELLATIONS = table_of("cancellations", CancellationFigures)
NO_SHOWS = table_of("no-shows", NoShowFigures)


class ReportController(Controller):
    path = "/reservations/reports"
    tags = ("reports",)

    @get(
        "/occupancy",
        operation_id="report_occupancy",
        summary="Report how much of the open time is booked",
    )
    async def occupancy(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, ReportOccupancy, csv=OCCUPANCY)

    @get(
        "/bookings",
        operation_id="report_bookings",
        summary="Report how many bookings there are, and what became of them",
    )
    async def bookings(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, ReportBookings, csv=BOOKINGS)

    @get(
        "/cancellations",
        operation_id="report_cancellations",
        summary="Report cancellations: by whom, in time or late, how long before",
    )
    async def cancellations(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, ReportCancellations, csv=CANCELLATIONS)

    @get(
        "/no-shows",
        operation_id="report_no_shows",
        summary="Report bookings that nobody came to",
    )
    async def no_shows(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, ReportNoShows, csv=NO_SHOWS)
