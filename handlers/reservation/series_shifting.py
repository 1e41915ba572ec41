"""What the bookings of a series become when one of them is given another time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.reservation.series import SeriesUpdate
from domain.reservation.series import shifted
from domain.time.instant import floor_epoch, utc_of
from domain.time.zone import load_zone
from handlers.reservation.series_reading import Addressed
from handlers.reservation.series_saving import Pair
from storage.reservation.bookings import BookingRow

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
        moved = shifted(floor_epoch(start), self.before, self.after, load_zone(timezone))
        return utc_of(moved), utc_of(moved + self.length)


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
