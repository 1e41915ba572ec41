"""What a series and its bookings become when one of them is given another time."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.reservation.series import SeriesUpdate
from contracts.wire.strict import rfc3339
from domain.reservation.moved_series import moved_rule
from domain.reservation.series import shifted
from domain.time.instant import exact_epoch, floor_epoch, utc_of
from domain.time.recurrence import Pattern, pattern_from_document, rrule_text
from domain.time.zone import load_zone
from handlers.reservation.series_reading import Addressed
from handlers.reservation.series_saving import Pair
from storage.reservation.bookings import BookingRow
from storage.reservation.series import SeriesRow

TIMES = frozenset({"starts_at", "ends_at"})


@dataclass(frozen=True, slots=True)
class Shift:
    """From one start to another as the clocks of the place show it, and the length from then on."""

    before: int
    after: int
    length: int

    @classmethod
    def of(cls, found: Addressed, command: SeriesUpdate) -> "Shift | None":
        """That of the anchor; None where no other time is asked for."""
        anchor = found.anchor
        if anchor is None or not TIMES & command.model_fields_set:
            return None
        start = floor_epoch(command.starts_at or anchor.starts_at)
        end = floor_epoch(command.ends_at or anchor.ends_at)
        return cls(floor_epoch(anchor.starts_at), start, end - start)

    def moved(self, start: datetime, timezone: str) -> tuple[datetime, datetime]:
        """Where what starts then goes to."""
        moved = self.moved_start(floor_epoch(start), load_zone(timezone))
        return utc_of(moved), utc_of(moved + self.length)

    def moved_start(self, start: int, zone: ZoneInfo) -> int:
        """Where that start goes to."""
        return shifted(start, self.before, self.after, zone)


def series_moved(series: SeriesRow, shift: Shift, now: datetime) -> SeriesRow:
    """The series as what is still to come of it recurs from now on: it starts with the first of
    those, and `rrule` is empty where no rule says when they are."""
    length = timedelta(seconds=shift.length)
    if shift.before == shift.after:
        return replace(series, ends_at=series.starts_at + length)
    if not series.rrule:
        start, end = shift.moved(series.starts_at, series.timezone)
        return replace(series, starts_at=start, ends_at=end)
    zone = load_zone(series.timezone)
    found = moved_rule(
        pattern_from_document(series.pattern),
        floor_epoch(series.starts_at),
        lambda start: shift.moved_start(start, zone),
        zone,
        exact_epoch(now),
    )
    if found is None:
        return series
    start = utc_of(found.starts_at)
    rrule, pattern = "", {}
    if found.pattern is not None:
        rrule, pattern = rrule_text(found.pattern, zone), _document(found.pattern)
    return replace(series, rrule=rrule, pattern=pattern, starts_at=start, ends_at=start + length)


def given(command: SeriesUpdate) -> dict[str, Any]:
    """What the command says of quantity and notes."""
    names = {"quantity", "notes"} & command.model_fields_set
    return {name: getattr(command, name) for name in names}


def edited(found: Addressed, command: SeriesUpdate) -> list[Pair]:
    """The bookings that change, before and after."""
    shift = Shift.of(found, command)
    if found.stands_in and shift is None and "quantity" not in given(command):
        return []
    pairs = [(row, _edited(row, shift, given(command))) for row in found.bookings]
    return [(before, after) for before, after in pairs if before != after]


def _edited(row: BookingRow, shift: Shift | None, said: dict[str, Any]) -> BookingRow:
    if shift is None:
        return replace(row, **said)
    start, end = shift.moved(row.starts_at, row.timezone)
    return replace(row, starts_at=start, ends_at=end, **said)


def _document(pattern: Pattern) -> dict[str, Any]:
    """A `recurring_pattern`, as it is stored."""
    until = None if pattern.until is None else _written(pattern.until)
    exdates = [_written(one) for one in pattern.exdates]
    return {**asdict(pattern), "until": until, "exdates": exdates}


def _written(value: date | int) -> str:
    return value.isoformat() if isinstance(value, date) else rfc3339(utc_of(value))
