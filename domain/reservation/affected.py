"""Which bookings a change of opening time has left outside."""

from collections.abc import Iterator, Sequence

from domain.reservation.hours import hours_around
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval

# Windows are made for so long a stretch at once: a booking a year ahead costs no year of windows.
_STRETCH = 60 * 86_400


def left_outside(
    settings: OrganizationSettings, resource: Resource, bookings: Sequence[Interval]
) -> set[Interval]:
    """Those of the bookings that these rules would not admit for their time: they do not lie in
    what is open, or the resource is not active. Nothing else is asked of what was made already.
    """
    if not resource.active:
        return set(bookings)
    found: set[Interval] = set()
    for stretch in _stretches(sorted(bookings)):
        last = max(booking.end for booking in stretch)
        hours = hours_around(settings, resource, stretch[0].start, last)
        found.update(one for one in stretch if not hours.is_open(one.start, one.end))
    return found


def _stretches(bookings: Sequence[Interval]) -> Iterator[list[Interval]]:
    """The sorted bookings in runs of which each begins within a stretch of its first one."""
    run: list[Interval] = []
    for booking in bookings:
        if run and booking.start >= run[0].start + _STRETCH:
            yield run
            run = []
        run.append(booking)
    if run:
        yield run
