"""Taking the places of many occurrences of one resource: locked, read once, decided together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.wire.strict import rfc3339
from domain.reservation import acceptance
from domain.reservation.rules import BOOKING_CONFLICT
from domain.reservation.series import Occurrence, decide_all
from domain.time.instant import exact_epoch, utc_of
from domain.time.interval import Interval, merge
from handlers.delivery.work import Happened, Refused
from handlers.reservation.knowledge import KnownResource, KnownSettings
from handlers.reservation.placing import NO_RESOURCE
from handlers.reservation.saving import expire_overdue
from handlers.reservation.series_reading import code_of, faults_of, refused_occurrences
from handlers.reservation.wishes import Part, Wish, busy_of, conflict
from storage.delivery.transaction import Reading, Writing
from storage.reservation.gates import gates_of
from storage.reservation.places import Stretch, busy_places
from storage.reservation.series import PlaceRow, put_many_places

Answer = acceptance.Accepted | acceptance.Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """Occurrences of one resource, by start."""

    settings: KnownSettings
    resource: KnownResource
    occurrences: tuple[Occurrence, ...]
    quota_used: int | None = None

    @property
    def resource_id(self) -> UUID:
        return UUID(self.resource.resource.id)

    @property
    def blocked(self) -> list[Interval]:
        return [
            one.terms.blocked(
                one.request.starts_at, max(one.request.starts_at, one.request.ends_at)
            )
            for one in self.occurrences
        ]


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer to each occurrence; `events` of holds that had lapsed."""

    answers: tuple[Answer, ...]
    events: tuple[Happened, ...] = ()

    @property
    def refusals(self) -> list[acceptance.Refused]:
        return [one for one in self.answers if isinstance(one, acceptance.Refused)]


async def decided_under_lock(
    work: Writing, wanted: Wanted, but_for: frozenset[UUID] = frozenset()
) -> Decided | Refused:
    """The answers on a state of affairs that nobody changes before the commit: the caller holds the
    resource's lock. `but_for` are bookings that are being moved."""
    gate = (await gates_of(work, [wanted.resource_id])).get(wanted.resource_id)
    if gate is not None and gate.closed:
        return NO_RESOURCE
    wanted = replace(wanted, resource=wanted.resource.behind(gate))
    since, until = _range(wanted)
    events = await expire_overdue(work, [wanted.resource_id], utc_of(since), utc_of(until))
    return Decided(await _answers(work, wanted, but_for, with_lapsed=True), events)


async def decided_for_show(read: Reading, wanted: Wanted) -> Decided:
    """The answers as they are at this instant."""
    return Decided(await _answers(read, wanted, frozenset(), with_lapsed=False))


async def taken_all(work: Writing, wanted: Wanted, booking_ids: Sequence[UUID | None]) -> None:
    """The accepted occurrences have their places; None stands where one was refused."""
    places = [
        PlaceRow(
            booking_id=booking_id,
            resource_id=wanted.resource_id,
            stretch=Stretch(utc_of(blocked.start), utc_of(blocked.end)),
            quantity=one.request.quantity,
            exclusive=wanted.resource.resource.capacity == 1,
        )
        for one, blocked, booking_id in zip(
            wanted.occurrences, wanted.blocked, booking_ids, strict=True
        )
        if booking_id is not None
    ]
    if places:
        await put_many_places(work, places)


async def not_all(read: Reading, wanted: Wanted, decided: Decided) -> Refused:
    """400 with the first broken rule's code where one is broken, else 409 with what is taken; each
    occurrence that cannot be had is listed."""
    pairs = [
        (one, answer)
        for one, answer in zip(wanted.occurrences, decided.answers, strict=True)
        if isinstance(answer, acceptance.Refused)
    ]
    faults = [faults_of(utc_of(one.request.starts_at), answer) for one, answer in pairs]
    code = code_of(decided.refusals)
    if code != BOOKING_CONFLICT:
        return Refused(refused_occurrences(code, faults).problem, decided.events)
    first = pairs[0][0]
    part = Part(wanted.resource, wanted.resource_id, first.terms, first.request)
    # The search for the next free slot is that of a single booking of the first one.
    wish = Wish(wanted.settings, (part,), booking_id=wanted.resource_id)
    single = (await conflict(read, wish)).problem.extra
    taken = merge(stretch for _, answer in pairs for stretch in answer.conflicts)
    shown = [
        {"starts_at": rfc3339(utc_of(one.start)), "ends_at": rfc3339(utc_of(one.end))}
        for one in taken
    ]
    refusal = refused_occurrences(
        code, faults, conflicts=shown, next_available=single["next_available"]
    )
    return Refused(refusal.problem, decided.events)


async def _answers(
    read: Reading, wanted: Wanted, but_for: frozenset[UUID], *, with_lapsed: bool
) -> tuple[Answer, ...]:
    since, until = _range(wanted)
    rows = await busy_places(
        read, [wanted.resource_id], utc_of(since), utc_of(until), with_lapsed=with_lapsed
    )
    return decide_all(
        wanted.settings.rules,
        wanted.resource.resource,
        wanted.occurrences,
        exact_epoch(read.now),
        busy=busy_of([row for row in rows if row.booking_id not in but_for]),
        active_bookings_of_user=wanted.quota_used,
    )


def _range(wanted: Wanted) -> tuple[int, int]:
    blocked = wanted.blocked
    return min(one.start for one in blocked), max(one.end for one in blocked)
