"""A place that is wanted: one resource or several, and the domain's answer to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.wire.problems import FieldError, Problem
from contracts.wire.strict import rfc3339
from domain.reservation import acceptance
from domain.reservation.acceptance import Accepted, Request, decide, next_available
from domain.reservation.booking import Terms
from domain.reservation.capacity import Busy
from domain.time.instant import exact_epoch, utc_of
from handlers.delivery.work import Refused, refused
from handlers.reservation.knowledge import KnownResource, KnownSettings
from storage.delivery.transaction import Reading
from storage.reservation.gates import Gate
from storage.reservation.places import BusyRow, busy_places

BusyByResource = dict[UUID, list[BusyRow]]


@dataclass(frozen=True, slots=True)
class Part:
    """What is wanted of one resource; each keeps its own buffers free."""

    known: KnownResource
    resource_id: UUID
    terms: Terms
    request: Request

    @property
    def capacity(self) -> int:
        return self.known.resource.capacity

    @property
    def blocked_from(self) -> datetime:
        return utc_of(self.terms.blocked(self.request.starts_at, self.request.ends_at).start)

    @property
    def blocked_to(self) -> datetime:
        return utc_of(self.terms.blocked(self.request.starts_at, self.request.ends_at).end)


@dataclass(frozen=True, slots=True)
class Wish:
    """All parts are taken or none is; the first is the resource that the booking is of."""

    settings: KnownSettings
    parts: tuple[Part, ...]
    booking_id: UUID
    hold: datetime | None = None
    quota_used: int | None = None
    override: frozenset[str] = frozenset()
    moving: bool = False
    # False where one transaction takes several places: then even the simple ones go under locks,
    # which come in one order, or two batches could wait for each other.
    alone: bool = True

    @property
    def resource_ids(self) -> list[UUID]:
        return [part.resource_id for part in self.parts]

    @property
    def is_single(self) -> bool:
        """Whether the exclusion constraint alone can decide: one new place of capacity one."""
        simple = len(self.parts) == 1 and self.parts[0].capacity == 1
        return simple and self.alone and not self.moving

    @property
    def but_for(self) -> str | None:
        """A booking that is moved is not in its own way."""
        return str(self.booking_id) if self.moving else None

    def behind(self, gates: Mapping[UUID, Gate]) -> "Wish":
        """The same wish, of what the resources' gates leave."""
        if not gates:
            return self
        parts = tuple(
            replace(part, known=part.known.behind(gates.get(part.resource_id)))
            for part in self.parts
        )
        return replace(self, parts=parts)

    def decided(
        self, part: Part, now: datetime, busy: Sequence[BusyRow]
    ) -> "Accepted | acceptance.Refused":
        """The domain's answer for one part on this state of affairs."""
        return decide(
            self.settings.rules,
            part.known.resource,
            part.terms,
            part.request,
            exact_epoch(now),
            busy=busy_of(busy),
            active_bookings_of_user=self.quota_used,
            override=self.override,
            exclude_booking_id=self.but_for,
        )


def by_resource(rows: Sequence[BusyRow]) -> BusyByResource:
    """Taken stretches, resource by resource."""
    found: BusyByResource = defaultdict(list)
    for row in rows:
        found[row.resource_id].append(row)
    return found


async def conflict(read: Reading, wish: Wish) -> Refused:
    """409: what is taken (never whose), and the next slot that is free for every part at once.

    That is near more often than not, so a day is looked at before a fortnight is.
    """
    now = exact_epoch(read.now)
    busy: BusyByResource = {}
    following = None
    for days in (1, acceptance.LOOK_AHEAD_DAYS):
        busy = await _busy_ahead(read, wish, now, days)
        following = _next_for_all(wish, busy, now, days)
        if following is not None:
            break
    taken = {
        (found.start, found.end)
        for part in wish.parts
        for found in _conflicts(wish.decided(part, read.now, busy[part.resource_id]))
    }
    return refused(
        "booking_conflict",
        "The time is taken.",
        conflicts=[_shown(start, end) for start, end in sorted(taken)],
        next_available=None if following is None else _shown(*following),
    )


async def _busy_ahead(read: Reading, wish: Wish, now: float, days: int) -> BusyByResource:
    """What is taken from the wish on, as far as so many days are looked ahead."""
    ends = [
        utc_of(acceptance.next_available_range(part.terms, part.request, now, days).end)
        for part in wish.parts
    ]
    since = min(part.blocked_from for part in wish.parts)
    until = max(*ends, *(part.blocked_to for part in wish.parts))
    return by_resource(await busy_places(read, wish.resource_ids, since, until))


def refusal_of(found: acceptance.Refused, **extra: Any) -> Refused:
    """The domain's refusal in the words of the wire."""
    errors = tuple(
        FieldError(field=one.field, code=one.code, message=one.message) for one in found.violations
    )
    detail = found.violations[0].message if found.violations else ""
    return Refused(Problem(code=found.code, detail=detail, errors=errors, extra=extra))


def busy_of(rows: Sequence[BusyRow]) -> list[Busy]:
    """Stored places as the domain counts them."""
    return [Busy(str(row.booking_id), row.begins, row.ends, row.quantity) for row in rows]


async def busy_between(read: Reading, resource_id: UUID, start: int, end: int) -> list[Busy]:
    """What is taken of a resource between two epoch seconds."""
    return busy_of(await busy_places(read, [resource_id], utc_of(start), utc_of(end)))


def _conflicts(decided: "Accepted | acceptance.Refused") -> Sequence[Any]:
    return decided.conflicts if isinstance(decided, acceptance.Refused) else ()


def _next_for_all(
    wish: Wish, busy: BusyByResource, now: float, days: int
) -> tuple[int, int] | None:
    """The first slot of the first part's grid; with several parts, one that the others fit too."""
    first, *others = wish.parts
    request = first.request
    for _ in range(50 if others else 1):
        found = next_available(
            wish.settings.rules,
            first.known.resource,
            first.terms,
            request,
            now,
            busy=busy_of(busy[first.resource_id]),
            days=days,
            exclude_booking_id=wish.but_for,
        )
        if found is None:
            return None
        request = Request(found.start, found.end, request.quantity)
        moved = [
            Part(part.known, part.resource_id, part.terms,
                 Request(found.start, found.end, part.request.quantity))
            for part in others
        ]  # fmt: skip
        free = all(
            isinstance(wish.decided(part, utc_of(now), busy[part.resource_id]), Accepted)
            for part in moved
        )
        if free:
            return found.start, found.end
    return None


def _shown(start: int, end: int) -> dict[str, str]:
    return {"starts_at": rfc3339(utc_of(start)), "ends_at": rfc3339(utc_of(end))}
