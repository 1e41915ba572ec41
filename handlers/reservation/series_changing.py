"""Moving, editing and cancelling a series: this booking, this and what follows, or all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation.series import SeriesUpdate
from domain.reservation.acceptance import Request
from domain.reservation.booking import is_active
from domain.reservation.cancellation import reschedule_standing
from domain.reservation.lifecycle import UPDATED
from domain.reservation.rules import BOOKING_CONFLICT
from domain.reservation.series import Occurrence, overlap_of_moved
from domain.time.instant import exact_epoch
from handlers.delivery.work import (
    Asked,
    Done,
    Happened,
    Outcome,
    Refused,
    Unavailable,
    refused,
    refused_fields,
)
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.placing import NO_RESOURCE, locked
from handlers.reservation.series_placing import Wanted, decided_under_lock, not_all, taken_all
from handlers.reservation.series_reading import (
    NO_SERIES,
    Addressed,
    addressed,
    code_of,
    held_series,
    may_see_series,
    series_as_stored,
    standing_in_the_way,
)
from handlers.reservation.series_saving import Pair, saved_all
from handlers.reservation.series_shifting import Shift, edited, given, series_moved
from handlers.reservation.views import booking_of, caller_of, terms_of
from storage.delivery.transaction import Writing, reading
from storage.reservation.bookings import BookingRow
from storage.reservation.series import (
    SeriesRow,
    SkippedRow,
    bookings_of_series,
    find_series,
    leave_many_places,
    save_series,
    set_skipped,
    skipped_of,
)

PLACE = frozenset({"starts_at", "ends_at", "quantity"})
FORBIDDEN = refused("forbidden", "This series is not yours to change.")


@dataclass(frozen=True, slots=True)
class Known:
    """What a move rests on; no resources where no other place is wanted."""

    settings: KnownSettings | None = None
    resources: Mapping[UUID, KnownResource] = field(default_factory=dict)


class SeriesChange:
    """Handles `series.update`."""

    def __init__(self, knowledge: Knowledge, engine: AsyncEngine) -> None:
        self._knowledge = knowledge
        self._engine = engine

    async def prepare(self, asked: Asked[SeriesUpdate]) -> Known | Refused:
        """The rules of the places that are wanted."""
        command, tenant_id = asked.message, asked.tenant_id
        emptied = [
            name for name in PLACE & command.model_fields_set if getattr(command, name) is None
        ]
        if emptied:
            return refused_fields(
                "validation_failed",
                [(name, "invalid_value", "This cannot be empty.") for name in sorted(emptied)],
            )
        async with reading(self._engine, tenant_id) as read:
            series = await find_series(read, command.series_id)
            rows = await bookings_of_series(read, command.series_id)
        if series is None or not may_see_series(asked.actor, series):
            return NO_SERIES
        if not PLACE & command.model_fields_set:
            return Known()
        ids = sorted({row.resource_id for row in rows})
        wanted = [("settings", tenant_id), *(("resource", one) for one in ids)]
        bodies = await self._knowledge.recall(tenant_id, wanted, asked.envelope.traceparent)
        found = [body for body in bodies if body is not None]
        if len(found) < len(wanted):
            return NO_RESOURCE
        resources = {one.id: one for one in map(resource_of, found[1:])}
        return Known(settings_of(found[0]), resources)

    async def decide(self, work: Writing, asked: Asked[SeriesUpdate]) -> Outcome:
        """All that are addressed have their new place, or all keep the old one."""
        command, actor, known = asked.message, asked.actor, asked.prepared
        if isinstance(known, Refused):
            return known
        # Before the rows, as every writer of places does it: locks come in one order.
        await locked(work, list(known.resources))
        series = await held_series(work, command.series_id, actor, command.expected_version)
        if isinstance(series, Refused):
            return series
        if not actor.may("booking:update:any") and not actor.is_user(series.user_id):
            return FORBIDDEN
        rows = await bookings_of_series(work, series.series_id, lock=True)
        found = addressed(rows, command, work.now)
        if isinstance(found, Refused):
            return found
        pairs = edited(found, command)
        events = await _moved(work, asked, known, pairs, _overlap(work, rows, pairs))
        if isinstance(events, Refused):
            return events
        updated = await saved_all(work, pairs, UPDATED, actor.label)
        kept = _kept(work, command, series, Shift.of(found, command) if pairs else None)
        if pairs or kept != series:
            await _move_skipped(work, command, series, found)
            series = replace(kept, version=series.version + 1, updated_at=work.now)
            await save_series(work, series)
        view = await series_as_stored(work, series, actor)
        return Done(200, view, events=(*events, *updated))


async def _moved(
    work: Writing,
    asked: Asked[SeriesUpdate],
    known: Known,
    pairs: Sequence[Pair],
    overlapping: Refused | None,
) -> tuple[Happened, ...] | Refused:
    """The new places are taken, resource by resource; events of holds that had lapsed there. A
    broken rule is told first, then that they overlap, which is why they might be in conflict."""
    moves = [pair for pair in pairs if _place(pair[0]) != _place(pair[1])]
    denied = _not_moved(work, asked, [before for before, _ in moves])
    if denied is not None or not moves:
        return denied or ()
    if known.settings is None or not {row.resource_id for row, _ in moves} <= set(known.resources):
        raise Unavailable("the series is being moved by somebody else")
    if any(len(row.resource_ids) > 1 for row, _ in moves):
        return refused("not_supported", "A booking of several resources is moved by itself.")
    leaving = frozenset(row.booking_id for row, _ in moves)
    events: tuple[Happened, ...] = ()
    plans = []
    for resource in known.resources.values():
        rows = [after for _, after in moves if after.resource_id == resource.id]
        if not rows:
            continue
        occurrences = tuple(Occurrence(terms_of(row), _request(row)) for row in rows)
        wanted = Wanted(known.settings, resource, occurrences)
        decided = await decided_under_lock(work, wanted, leaving)
        if isinstance(decided, Refused):
            return Refused(decided.problem, events)
        events += decided.events
        broken = bool(decided.refusals) and code_of(decided.refusals) != BOOKING_CONFLICT
        if broken or (decided.refusals and overlapping is None):
            return await not_all(work, wanted, replace(decided, events=events))
        plans.append((wanted, [row.booking_id for row in rows]))
    if overlapping is not None:
        return Refused(overlapping.problem, events)
    await leave_many_places(work, sorted(leaving))
    for wanted, booking_ids in plans:
        await taken_all(work, wanted, booking_ids)
    return events


def _overlap(work: Writing, rows: Sequence[BookingRow], pairs: Sequence[Pair]) -> Refused | None:
    """Where those that get another time meet each other, or an active one that keeps its own."""
    moved = [after for before, after in pairs if _time(before) != _time(after)]
    leaving, now = {row.booking_id for row in moved}, exact_epoch(work.now)
    staying = [
        row for row in rows if row.booking_id not in leaving and is_active(booking_of(row), now)
    ]
    fault = overlap_of_moved(map(_request, moved), map(_request, staying))
    if fault is None:
        return None
    return refused_fields("validation_failed", [("ends_at", fault.code, fault.message)])


def _kept(
    work: Writing, command: SeriesUpdate, series: SeriesRow, shift: Shift | None
) -> SeriesRow:
    """What a change of all makes of the series: the rule that it is shown with, and what later
    retries of skipped occurrences are made of. Other scopes make exceptions of their bookings."""
    if command.scope != "all":
        return series
    kept = replace(series, **given(command))
    return kept if shift is None else series_moved(kept, shift, work.now)


async def _move_skipped(
    work: Writing, command: SeriesUpdate, series: SeriesRow, found: Addressed
) -> None:
    """The skipped occurrences go with the bookings that they belong to."""
    shift = Shift.of(found, command)
    if command.scope == "this" or shift is None:
        return
    before = await skipped_of(work, series.series_id)
    after = [
        one
        if found.since is not None and one.starts_at < found.since
        else SkippedRow(*shift.moved(one.starts_at, series.timezone), one.code)
        for one in before
    ]
    if after != before and len({one.starts_at for one in after}) == len(after):
        await set_skipped(work, series.series_id, after)


def _not_moved(
    work: Writing, asked: Asked[SeriesUpdate], rows: Sequence[BookingRow]
) -> Refused | None:
    now, caller = exact_epoch(work.now), caller_of(asked.actor)
    codes = [(row, reschedule_standing(booking_of(row), now, caller).code) for row in rows]
    return standing_in_the_way(codes)


def _request(row: BookingRow) -> Request:
    return Request.of(row.starts_at, row.ends_at, row.quantity)


def _time(row: BookingRow) -> tuple[Any, ...]:
    return (row.starts_at, row.ends_at)


def _place(row: BookingRow) -> tuple[Any, ...]:
    return (*_time(row), row.quantity)
