"""Trying again what was skipped of a series."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.series import SeriesRetrySkipped
from domain.time.instant import floor_epoch
from handlers.delivery.work import Asked, Done, Outcome, Refused
from handlers.reservation.creating import FORBIDDEN_FOR_OTHERS
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.placing import locked
from handlers.reservation.series import Known, may_create, recalled, rows_of, skipped_from
from handlers.reservation.series_placing import decided_under_lock, taken_all
from handlers.reservation.series_reading import (
    NO_SERIES,
    held_series,
    may_see_series,
    series_as_stored,
)
from handlers.reservation.series_saving import added_all
from storage.delivery.transaction import Writing, reading
from storage.reservation.series import find_series, save_series, set_skipped, skipped_of


class SkippedRetry:
    """Handles `series.retry_skipped`."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine) -> None:
        self._knowledge = knowledge
        self._engine = engine

    async def prepare(self, asked: Asked[SeriesRetrySkipped]) -> Known | Refused:
        """The rules of now for what the series is of."""
        async with reading(self._engine, asked.tenant_id) as read:
            series = await find_series(read, asked.message.series_id)
        if series is None or not may_see_series(asked.actor, series):
            return NO_SERIES
        found = await recalled(self._knowledge, asked, series.resource_id, series.user_id)
        return found if isinstance(found, Refused) else Known(*found, series.user_id, ())

    async def decide(self, work: Writing, asked: Asked[SeriesRetrySkipped]) -> Outcome:
        """What can be had now is booked; the rest stays skipped, with the reason of now."""
        command, known = asked.message, asked.prepared
        if isinstance(known, Refused):
            return known
        if not may_create(asked.actor, known.user_id):
            return FORBIDDEN_FOR_OTHERS
        await locked(work, known.locks)
        series = await held_series(work, command.series_id, asked.actor, command.expected_version)
        if isinstance(series, Refused):
            return series
        before = await skipped_of(work, series.series_id)
        if not before:
            return Done(200, await series_as_stored(work, series, asked.actor))
        spans = tuple((floor_epoch(one.starts_at), floor_epoch(one.ends_at)) for one in before)
        known = replace(known, spans=spans)
        wanted = await known.wanted(work, series.quantity)
        decided = await decided_under_lock(work, wanted)
        if isinstance(decided, Refused):
            return decided
        rows = rows_of(work, asked, series, known, wanted, decided)
        await taken_all(work, wanted, [None if row is None else row.booking_id for row in rows])
        events = await added_all(work, [row for row in rows if row is not None])
        skipped = skipped_from(spans, decided.answers)
        if skipped != before:
            await set_skipped(work, series.series_id, skipped)
            series = replace(series, version=series.version + 1, updated_at=work.now)
            await save_series(work, series)
        view = await series_as_stored(work, series, asked.actor)
        return Done(200, view, events=(*decided.events, *events))
