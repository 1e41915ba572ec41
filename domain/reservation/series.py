"""Deciding the occurrences of a series together: each is judged with those before it in place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.reservation.acceptance import Accepted, Refused, Request, decide
from domain.reservation.booking import Terms
from domain.reservation.capacity import Busy
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval, merge
from domain.time.recurrence import (
    MAX_OCCURRENCES,
    Pattern,
    occurrences,
    pattern_violations,
)
from domain.time.violation import Violation
from domain.time.zone import in_zone, local_to_epoch

FIELD = "recurring_pattern"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place that is wanted, and the terms it is wanted under."""

    terms: Terms
    request: Request


def expanded(
    pattern: Pattern, starts_at: int, length: int, zone: ZoneInfo
) -> tuple[int, ...] | Violation:
    """The starts of a series of bookings of `length` seconds, or what is wrong with it.

    `starts_at` is an instant; its wall-clock time in the zone is what recurs.
    """
    if found := pattern_violations(pattern, FIELD):
        return found[0]
    wall = in_zone(starts_at, zone).replace(tzinfo=None)
    starts = occurrences(pattern, wall, zone)
    if not starts:
        return Violation(FIELD, "no_occurrences", "The pattern has no occurrence.")
    if len(starts) > MAX_OCCURRENCES:
        message = f"A series has {MAX_OCCURRENCES} occurrences at most."
        return Violation(FIELD, "too_many_occurrences", message)
    return overlap([Request(start, start + length) for start in starts]) or starts


def overlap(requests: Sequence[Request]) -> Violation | None:
    """Occurrences may touch; they may not overlap, whatever the capacity. They come by start."""
    for one, following in pairwise(requests):
        if following.starts_at < one.ends_at:
            return Violation(FIELD, "occurrences_overlap", "The occurrences overlap each other.")
    return None


def overlap_of_moved(moved: Iterable[Request], standing: Iterable[Request]) -> Violation | None:
    """The moved overlap neither each other nor what stays; how those lie that stay is no matter."""
    stays = merge(Interval(one.starts_at, one.ends_at) for one in standing)
    together = [*moved, *(Request(one.start, one.end) for one in stays)]
    return overlap(sorted(together, key=lambda one: (one.starts_at, one.ends_at)))


def decide_all(
    settings: OrganizationSettings,
    resource: Resource,
    wanted: Sequence[Occurrence],
    now: float,
    *,
    busy: Iterable[Busy],
    active_bookings_of_user: int | None = None,
) -> tuple[Accepted | Refused, ...]:
    """The answer to each occurrence, which come by start: what is accepted takes its place, and of
    the user's quota, before the next is judged.

    `busy` holds all that reaches into any of them, buffers included.
    """
    ahead = sorted(busy, key=lambda one: one.start, reverse=True)
    before = max((one.terms.buffer_before_minutes for one in wanted), default=0) * 60
    near: list[Busy] = []
    used = active_bookings_of_user
    answers: list[Accepted | Refused] = []
    for one in wanted:
        request = one.request
        blocked = one.terms.blocked(request.starts_at, max(request.starts_at, request.ends_at))
        # Only what is near is looked at, so that a year among many bookings stays quick.
        while ahead and ahead[-1].start < blocked.end:
            near.append(ahead.pop())
        near = [taken for taken in near if taken.end > request.starts_at - before]
        answer = decide(
            settings,
            resource,
            one.terms,
            request,
            now,
            busy=near,
            active_bookings_of_user=used,
        )
        answers.append(answer)
        if isinstance(answer, Accepted):
            near.append(Busy("", blocked.start, blocked.end, request.quantity))
            used = None if used is None else used + 1
    return tuple(answers)


def shifted(start: int, before: int, after: int, zone: ZoneInfo) -> int:
    """Where what starts then goes, when what started at `before` goes to `after`: as far on the
    wall clock, so that what was at nine and moves by an hour is at ten on either side of a change.
    """
    if start == before:
        return after
    by = _wall(after, zone) - _wall(before, zone)
    wall = _named(start, _wall(before, zone).time(), zone)
    return local_to_epoch(wall + by, zone) if by else start


def _named(start: int, clock: time, zone: ZoneInfo) -> datetime:
    """The wall-clock time that the start has its place by: the series' own where that was skipped
    and is shown after the gap, perhaps on the next date; else what clocks show.
    """
    wall = _wall(start, zone)
    for on in (wall.date(), wall.date() - timedelta(days=1)):
        own = datetime.combine(on, clock)
        if local_to_epoch(own, zone) == start:
            return own
    return wall


def _wall(epoch: int, zone: ZoneInfo) -> datetime:
    return in_zone(epoch, zone).replace(tzinfo=None)
