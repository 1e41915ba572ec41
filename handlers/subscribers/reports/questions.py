"""The answers to reports: from the figures alone, however many bookings they are of."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.subscriber.reports import (
    Report,
    ReportBookings,
    ReportCancellations,
    ReportNoShows,
    ReportOccupancy,
    ReportSurvey,
)
from handlers.delivery.asking import Asker
from handlers.delivery.work import Asked, Done, QueryRoute, Refused, Unavailable, refused
from handlers.subscribers.reports import measuring
from handlers.subscribers.reports.grouping import SUMMED, Row, grouped
from handlers.subscribers.reports.surveying import resources_left
from storage.delivery.transaction import Reading, reading
from storage.subscriber.report_rules import is_surveyed
from storage.subscriber.report_sums import Sums, booked, by_category, opened, sums

MAX_DAYS = 366
TOO_LONG = refused("range_too_long", f"A report is of at most {MAX_DAYS} days.")
UNSURVEYED = "open time is being worked out"
# Longer than this no question waits for what is worked out; the next one goes on from there.
_PATIENCE_SECONDS = 5.0
Measure = Callable[[Mapping[str, int]], dict[str, Any]]


class Occupancy:
    """Answers `report.occupancy`."""

    def __init__(self, engine: AsyncEngine, asker: Asker) -> None:
        self._engine = engine
        self._asker = asker

    async def prepare(self, asked: Asked[ReportOccupancy]) -> None:
        """Afterwards every open day is there. Raises Unavailable."""
        query, tenant_id = asked.message, asked.tenant_id
        if _is_too_long(query):
            return
        async with reading(self._engine, tenant_id) as read:
            there = await is_surveyed(read, query.first, query.last)
        survey = ReportSurvey(first=query.first, last=query.last)
        until = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        left: int | None = 0 if there else 1
        while left:
            if asyncio.get_running_loop().time() > until:
                raise Unavailable(UNSURVEYED)
            left = await resources_left(self._asker, tenant_id, survey)

    async def answer(self, read: Reading, asked: Asked[ReportOccupancy]) -> Done | Refused:
        """Booked and open minutes of each group, and their ratio."""
        query = asked.message
        if _is_too_long(query):
            return TOO_LONG
        both = await _booked_and_open(read, query)
        if not await is_surveyed(read, query.first, query.last):
            # Rules were changed in between.
            raise Unavailable(UNSURVEYED)
        rows = grouped(query.group_by, query.first, query.last, both, 2)
        total = [sum(amounts[place] for _, amounts in rows) for place in range(2)]
        figures = measuring.occupancy_figures
        items = [{**group, **figures(*amounts)} for group, amounts in rows]
        return Done(200, _answer(query, items, figures(*total)))


class Counted:
    """Answers what is asked of bookings: `measure` makes its figures of these sums."""

    def __init__(self, names: Sequence[str], measure: Measure) -> None:
        self._names = names
        self._measure = measure

    async def answer(self, read: Reading, asked: Asked[Report]) -> Done | Refused:
        """The figures of each group and of all. A booking of several resources counts for each of
        them, and once in all."""
        query = asked.message
        if _is_too_long(query):
            return TOO_LONG
        width, span = len(self._names), (query.first, query.last)
        found = await sums(read, SUMMED[query.group_by], *span, self._names)
        rows = [row for row in grouped(query.group_by, *span, found, width) if _says(query, row)]
        days = found
        if query.group_by == "resource":
            days = await sums(read, "day", *span, self._names)
        total = [sum(amounts[place] for _, amounts in days) for place in range(width)]
        items = [{**group, **self._figures(amounts)} for group, amounts in rows]
        return Done(200, _answer(query, items, self._figures(total)))

    def _figures(self, amounts: Sequence[int]) -> dict[str, Any]:
        return self._measure(dict(zip(self._names, amounts, strict=True)))


async def _booked_and_open(read: Reading, query: Report) -> Sums:
    by, span = SUMMED[query.group_by], (query.first, query.last)
    if by == "category":
        return await by_category(read, *span)
    return [
        *[(key, (one, 0)) for key, (one,) in await booked(read, by, *span)],
        *[(key, (0, one)) for key, (one,) in await opened(read, by, *span)],
    ]


def _says(query: Report, row: Row) -> bool:
    """Whether there is anything of the resource or category: what was moved away leaves zeros."""
    return query.group_by not in ("resource", "category") or any(row[1])


def _is_too_long(query: Report) -> bool:
    return query.last.toordinal() - query.first.toordinal() >= MAX_DAYS


def _answer(query: Report, items: list[dict[str, Any]], total: dict[str, Any]) -> dict[str, Any]:
    return {
        "from": query.first.isoformat(),
        "to": query.last.isoformat(),
        "group_by": query.group_by,
        "items": items,
        "total": total,
    }


def report_queries(engine: AsyncEngine, asker: Asker) -> tuple[QueryRoute, ...]:
    """Every report."""
    occupancy = Occupancy(engine, asker)
    return (
        QueryRoute(ReportOccupancy, occupancy.answer, occupancy.prepare),
        *(
            QueryRoute(message, Counted(names, measure).answer)
            for message, names, measure in (
                (ReportBookings, measuring.BOOKINGS, measuring.booking_figures),
                (ReportCancellations, measuring.CANCELLATIONS, measuring.cancellation_figures),
                (ReportNoShows, measuring.NO_SHOWS, measuring.no_show_figures),
            )
        ),
    )
