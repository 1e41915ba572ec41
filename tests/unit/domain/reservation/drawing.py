"""Tenants, resources and bookings at random: hours, closures, buffers, zones, change-over days."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from domain.reservation.capacity import Busy
from domain.resource.resource import Override, Resource
from domain.tenant.settings import Closure, DateClosure, InstantClosure, OrganizationSettings
from domain.time.wall import WallWindow, Week
from domain.time.zone import load_zone, to_epoch
from tests.unit.domain.civil import zone_and_day, zones

quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
wall_windows = st.builds(
    WallWindow, quarters, st.one_of(quarters, st.just(1440), st.just(0), st.integers(1, 1440))
)


@st.composite
def days(draw: st.DrawFn) -> tuple[WallWindow, ...]:
    """Up to three windows, apart from each other, the last of which may run past midnight."""
    kept: list[WallWindow] = []
    for window in sorted(draw(st.lists(wall_windows, max_size=3))):
        if not kept or kept[-1].reach <= window.start:
            kept.append(window)
    return tuple(kept)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    usual = st.sampled_from(
        [
            (WallWindow(0, 1440),),
            (WallWindow(540, 1080),),
            (WallWindow(1320, 120),),
            (WallWindow(60, 300),),
            (WallWindow(0, 90), WallWindow(90, 240)),
        ]
    )
    one = draw(st.one_of(usual, days()))
    other = draw(st.one_of(st.just(one), usual, days()))
    return (one, other, one, other, one, other, one)


@dataclass(frozen=True)
class Scene:
    settings: OrganizationSettings
    resource: Resource
    day: date
    now: int
    busy: tuple[Busy, ...]
    duration: int
    quantity: int


@st.composite
def closures(draw: st.DrawFn, day: date, midnight: int) -> tuple[Closure, ...]:
    found: list[Closure] = []
    if draw(st.integers(0, 3)) == 0:
        on = day + timedelta(days=draw(st.integers(-1, 1)))
        found.append(DateClosure("dates", on, on + timedelta(days=draw(st.integers(0, 1)))))
    if draw(st.booleans()):
        start = midnight + draw(st.integers(-24, 60)) * 1800
        found.append(InstantClosure("instants", start, start + draw(st.integers(1, 12)) * 900))
    return tuple(found)


@st.composite
def overrides(draw: st.DrawFn, day: date) -> tuple[Override, ...]:
    found = []
    for offset in draw(st.sets(st.integers(-1, 1), max_size=2)):
        windows = draw(days())
        beyond = draw(st.booleans())
        on = day + timedelta(days=offset)
        found.append(Override(str(on), on, not windows, windows, beyond))
    return tuple(found)


@st.composite
def bookings(draw: st.DrawFn, midnight: int) -> tuple[Busy, ...]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        start = midnight + draw(st.integers(-20, 60)) * 1800 + draw(st.sampled_from([0, 0, 600]))
        length = draw(st.integers(1, 8)) * 1800
        found.append(Busy(str(number), start, start + length, draw(st.integers(1, 2))))
    return tuple(found)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    zone, day = draw(zone_and_day())
    midnight = to_epoch(day, 0, load_zone(zone))
    step = draw(st.sampled_from([30, 30, 60, 45, 20, 95]))
    # A resource without a zone of its own stands in the tenant's.
    own_zone = draw(st.booleans())
    settings = OrganizationSettings(
        timezone=draw(zones) if own_zone else zone,
        business_hours=draw(weeks()),
        slot_interval_minutes=step,
        min_advance_minutes=draw(st.sampled_from([0, 0, 90])),
        max_advance_days=draw(st.sampled_from([90, 90, 1])),
        min_duration_minutes=draw(st.sampled_from([None, None, 60])),
        max_duration_minutes=draw(st.sampled_from([None, None, 120])),
        buffer_before_minutes=draw(st.sampled_from([0, 0, 15, 1440])),
        buffer_after_minutes=draw(st.sampled_from([0, 10])),
        enforce_slot_alignment=draw(st.booleans()),
        closures=draw(closures(day, midnight)),
    )
    resource = Resource(
        id="room",
        capacity=draw(st.integers(1, 3)),
        timezone=zone if own_zone else None,
        availability_schedule=draw(st.one_of(st.none(), weeks())),
        buffer_before_minutes=draw(st.sampled_from([None, None, 0, 20])),
        buffer_after_minutes=draw(st.sampled_from([None, 30])),
        active=draw(st.integers(0, 9)) > 0,
        overrides=draw(overrides(day)),
    )
    return Scene(
        settings=settings,
        resource=resource,
        day=day,
        now=midnight + draw(st.integers(-30, 20)) * 1800,
        busy=draw(bookings(midnight)),
        duration=draw(st.sampled_from([1, 1, 2, 3])) * step * 60,
        quantity=draw(st.sampled_from([1, 1, 2])),
    )
