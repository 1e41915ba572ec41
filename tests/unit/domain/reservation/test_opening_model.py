"""Opening time against a model that walks the clock of the zone minute by minute.

The model finds instants by reading what the clock shows, never by an offset of its own, and keeps
opening time as sets of minutes. It shares with the domain the rules as they are given and nothing
else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from hypothesis import given

from domain.reservation.availability import availability
from domain.reservation.opening import opening_between, zone_of
from domain.tenant.settings import DateClosure
from domain.time.interval import Interval
from domain.time.wall import WallWindow
from domain.time.zone import load_zone
from tests.unit.domain.reservation.drawing import Scene, scenes

Minutes = range


class Clock:
    """What the clocks of a zone show in each minute of the days around a date."""

    def __init__(self, zone: str, around: date) -> None:
        noon = datetime(around.year, around.month, around.day, 12, tzinfo=UTC)
        since = int(noon.timestamp()) // 60 - 8 * 1440
        known = load_zone(zone)
        self.since = since
        self.shows = [
            datetime.fromtimestamp(minute * 60, known).replace(tzinfo=None)
            for minute in range(since, since + 16 * 1440)
        ]
        self.first: dict[datetime, int] = {}
        for index, shown in enumerate(self.shows):
            self.first.setdefault(shown, since + index)
        self.dates = {shown.date() for shown in self.shows}

    def minute_of(self, wall: datetime) -> int:
        """The first minute that shows it; what a gap swallows, as if the gap had not come."""
        if wall in self.first:
            return self.first[wall]
        pairs = zip(self.shows, self.shows[1:], strict=False)
        index, last = next((i, a) for i, (a, b) in enumerate(pairs) if a < wall < b)
        return self.since + index + (wall - last) // timedelta(minutes=1)

    def span(self, on: date, window: WallWindow) -> Minutes:
        midnight = datetime(on.year, on.month, on.day)
        start = self.minute_of(midnight + timedelta(minutes=window.start))
        return range(start, self.minute_of(midnight + timedelta(minutes=window.reach)))


@lru_cache(maxsize=256)
def clock(zone: str, around: date) -> Clock:
    return Clock(zone, around)


@dataclass(frozen=True)
class Piece:
    """A window of a date, and which of its minutes no closure takes."""

    on: date
    span: Minutes
    open: frozenset[int]


class Model:
    """The pieces of the dates around a scene's day."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.clock = clock(zone_of(scene.settings, scene.resource).key, scene.day)
        closed: set[int] = set()
        for one in scene.settings.closures:
            if not isinstance(one, DateClosure):
                closed.update(range(one.starts_at // 60, one.ends_at // 60))
        self.closed = closed
        days = [scene.day + timedelta(days=offset) for offset in range(-3, 4)]
        self.pieces = [piece for day in days for piece in self._pieces(day)]

    def on(self, day: date) -> list[Piece]:
        return sorted((p for p in self.pieces if p.on == day), key=lambda p: p.span.start)

    def starts(self, day: date) -> list[int]:
        """On the grid of a window of the date, and of none of an earlier date."""
        step = self.scene.settings.slot_interval_minutes
        before = {m for p in self.pieces if p.on < day for m in p.span[::step]}
        return sorted({m for p in self.on(day) for m in p.span[::step]} - before)

    def fits(self, start: int, minutes: int) -> bool:
        """Every minute of it lies within a window."""
        return all(any(m in p.span for p in self.pieces) for m in range(start, start + minutes))

    def is_open(self, start: int, minutes: int) -> bool:
        return all(any(m in p.open for p in self.pieces) for m in range(start, start + minutes))

    def _pieces(self, day: date) -> Iterable[Piece]:
        overrides = {one.on: one for one in self.scene.resource.overrides}
        override, schedule = overrides.get(day), self.scene.resource.availability_schedule
        if override is not None and override.beyond_business_hours:
            for window in () if override.closed else override.windows:
                span = self._span(day, window)
                yield Piece(day, span, frozenset(span))
            return
        if self._is_closed(day):
            return
        if override is not None:
            own = () if override.closed else override.windows
        else:
            own = (schedule or self.scene.settings.business_hours)[day.weekday()]
        for window in own:
            for run in self._within_business(day, self._span(day, window)):
                yield Piece(day, run, frozenset(run) - self.closed)

    def _within_business(self, day: date, span: Minutes) -> Iterable[Minutes]:
        """The stretches of it in which the tenant is open, by windows of any date."""
        business: set[int] = set()
        for offset in range(-2, 3):
            near = day + timedelta(days=offset)
            if not self._is_closed(near):
                for window in self.scene.settings.business_hours[near.weekday()]:
                    business.update(self._span(near, window))
        start = None
        for minute in (*span, span.stop):
            inside = minute in business and minute in span
            if inside and start is None:
                start = minute
            elif not inside and start is not None:
                yield range(start, minute)
                start = None

    def _span(self, day: date, window: WallWindow) -> Minutes:
        if day not in self.clock.dates:
            return range(0)
        return self.clock.span(day, window)

    def _is_closed(self, day: date) -> bool:
        return any(
            isinstance(one, DateClosure) and one.starts_on <= day <= one.ends_on
            for one in self.scene.settings.closures
        )


def minutes_of(*intervals: Interval) -> set[int]:
    assert all(one.start % 60 == one.end % 60 == 0 for one in intervals)
    return {minute for one in intervals for minute in range(one.start // 60, one.end // 60)}


@given(scenes())
def test_windows_and_slots_are_those_that_the_clock_shows(scene: Scene) -> None:
    """Each window begins, ends and is cut where the model says, and empty ones are none; each slot
    is listed where the model lists it, under its date, and is `closed` where it is.
    """
    model = Model(scene)
    _windows_are_those_of(model, scene)
    _slots_are_those_of(model, scene)


def _windows_are_those_of(model: Model, scene: Scene) -> None:
    first, last = scene.day - timedelta(days=1), scene.day + timedelta(days=1)
    for day in opening_between(scene.settings, scene.resource, first, last):
        pieces = [piece for piece in model.on(day.on) if piece.span]
        assert minutes_of(*(w.span for w in day.windows)) == {m for p in pieces for m in p.span}
        assert minutes_of(*(o for w in day.windows for o in w.open)) == {
            m for p in pieces for m in p.open
        }
        assert [w.span.start // 60 for w in day.windows] == [piece.span.start for piece in pieces]
        assert {window.on for window in day.windows} <= {day.on}


def _slots_are_those_of(model: Model, scene: Scene) -> None:
    settings, minutes = scene.settings, scene.duration // 60
    (day,) = availability(
        settings, scene.resource, scene.day, scene.day, scene.duration, scene.now, scene.busy
    )
    longest, least = settings.max_duration_minutes, settings.min_duration_minutes
    bookable = (least or 0) <= minutes <= (longest or minutes)
    expected = {
        start: not (scene.resource.active and model.is_open(start, minutes))
        for start in model.starts(scene.day)
        if bookable and model.fits(start, minutes)
    }
    assert {slot.start // 60: slot.reason == "closed" for slot in day.slots} == expected
