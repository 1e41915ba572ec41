"""Cancelling a series: this booking, this and what follows, or all of them."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.reservation.series import SeriesCancel
from domain.reservation.cancellation import NotCancelled, cancel
from domain.reservation.lifecycle import CANCELLED
from domain.time.instant import exact_epoch
from handlers.delivery.work import Asked, Done, Outcome, Refused
from handlers.reservation.saving import cancelled
from handlers.reservation.series_reading import (
    addressed,
    held_series,
    series_as_stored,
    standing_in_the_way,
)
from handlers.reservation.series_saving import saved_all
from handlers.reservation.views import booking_of, caller_of
from storage.delivery.transaction import Writing
from storage.reservation.bookings import BookingRow
from storage.reservation.series import bookings_of_series, save_series, set_skipped, skipped_of


async def cancel_series(work: Writing, asked: Asked[SeriesCancel]) -> Outcome:
    """By the policy that each booking was made under, all that are addressed or none."""
    command, actor = asked.message, asked.actor
    series = await held_series(work, command.series_id, actor, command.expected_version)
    if isinstance(series, Refused):
        return series
    rows = await bookings_of_series(work, series.series_id, lock=True)
    found = addressed(rows, command, work.now)
    if isinstance(found, Refused):
        return found
    denied = _not_cancelled(work, asked, found.bookings)
    if denied is not None:
        return denied
    pairs = [(row, cancelled(work, row, actor.label, command.reason)) for row in found.bookings]
    events = await saved_all(work, pairs, CANCELLED, actor.label, command.reason)
    if command.scope != "this":
        # What was skipped of the cancelled part is not waited for any longer.
        skipped = await skipped_of(work, series.series_id)
        kept = [one for one in skipped if found.since is not None and one.starts_at < found.since]
        if kept != skipped:
            await set_skipped(work, series.series_id, kept)
    series = replace(series, version=series.version + 1, updated_at=work.now)
    await save_series(work, series)
    return Done(200, await series_as_stored(work, series, actor), events=events)


def _not_cancelled(
    work: Writing, asked: Asked[SeriesCancel], rows: Sequence[BookingRow]
) -> Refused | None:
    now, caller = exact_epoch(work.now), caller_of(asked.actor)
    found = [(row, cancel(booking_of(row), now=now, caller=caller)) for row in rows]
    codes = [(row, one.reason if isinstance(one, NotCancelled) else None) for row, one in found]
    return standing_in_the_way(codes, "cancelled")
