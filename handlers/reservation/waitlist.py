"""Waiting for a place: joining the line, leaving it, and who sees whom in it.

waiting ─► offered ─► fulfilled | lapsed
   ├─► cancelled ◄─┤
   └─► expired
"""

from dataclasses import dataclass
from uuid import UUID

from contracts.reservation.waitlist import (
    WaitlistGet,
    WaitlistJoin,
    WaitlistLeave,
    WaitlistList,
    WaitlistOffer,
)
from contracts.wire.cursor import InvalidCursor
from contracts.wire.envelope import Actor
from contracts.wire.identity import object_id_for_command
from contracts.wire.strict import rfc3339
from domain.reservation.booking import Status, has_lapsed
from domain.reservation.lifecycle import CANCELLED
from domain.reservation.waitlist import Wanted, faults, has_one_start
from domain.time.instant import ceil_epoch, exact_epoch, floor_epoch
from domain.time.interval import Interval
from handlers.delivery.pages import Cursors
from handlers.delivery.work import (
    Asked,
    Done,
    Happened,
    Outcome,
    Refused,
    Send,
    refused,
    refused_fields,
)
from handlers.reservation.creating import FORBIDDEN_FOR_OTHERS, user_of
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.own import people_shown
from handlers.reservation.saving import cancelled, expired, saved
from handlers.reservation.views import booking_of
from handlers.reservation.waitlist_views import entry_event, entry_view, moved
from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import find_booking
from storage.reservation.waitlist import (
    STANDING,
    EntryFilter,
    EntryRow,
    add_entry,
    count_standing,
    find_entry,
    list_entries,
)

NOT_FOUND = refused("not_found", "There is no such entry.")
MOST_OF_ONE = 50
# As many as an offer names.
MOST_RESOURCES = 22
MOST_OF_ALL = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """The rules, the resources that would do, and who waits."""

    settings: KnownSettings
    resources: tuple[KnownResource, ...]
    user_id: UUID


class Joining:
    """Handles `waitlist.join`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def prepare(self, asked: Asked[WaitlistJoin]) -> Known | Refused:
        """Resource or category and user exist in this tenant, else 404 before all else."""
        command, tenant_id = asked.message, asked.tenant_id
        user_id = user_of(command.user_id, asked.actor)
        if user_id is None:
            return refused_fields(
                "validation_failed", [("user_id", "missing_field", "Say who waits.")]
            )
        kind = "category" if command.resource_id is None else "resource"
        target = command.resource_id or command.category_id
        if target is None:
            raise ValueError("the contract asks for a resource or a category")
        wanted = [("settings", tenant_id), (kind, target), ("user", user_id)]
        traceparent = asked.envelope.traceparent
        bodies = await self._knowledge.recall(tenant_id, wanted, traceparent)
        settings, found, user = bodies
        if settings is None or found is None or user is None:
            missing = next(one for (one, _), body in zip(wanted, bodies, strict=True) if not body)
            return refused("not_found", f"There is no such {missing}.")
        if command.resource_id is not None:
            resources = [resource_of(found)]
        else:
            resources = await self._knowledge.members(tenant_id, command.category_id, traceparent)
        return Known(settings_of(settings), tuple(resources), user_id)

    async def join(self, work: Writing, asked: Asked[WaitlistJoin]) -> Outcome:
        """Afterwards they stand at the end of the line."""
        command, known, actor = asked.message, asked.prepared, asked.actor
        if isinstance(known, Refused):
            return known
        if not actor.may("booking:create:any") and not actor.is_user(known.user_id):
            return FORBIDDEN_FOR_OTHERS
        found = faults(
            known.settings.rules,
            [one.resource for one in known.resources],
            _wanted(command),
            exact_epoch(work.now),
        )
        if found:
            return refused_fields(
                found[0], [(_SAID[code][0], code, _SAID[code][1]) for code in found]
            )
        if await count_standing(work, known.user_id) >= MOST_OF_ONE:
            return refused("quota_exceeded", f"Nobody waits for more than {MOST_OF_ONE} places.")
        if await count_standing(work) >= MOST_OF_ALL:
            return refused("quota_exceeded", "The waitlist is full.")
        entry = _entry(work, asked, known.user_id)
        if not await add_entry(work, entry):
            return refused("id_in_use", "Another entry has this id.")
        joined = entry_event("waitlist.joined", entry, None)
        sends = (
            (Send(_offer(known, command), work.tenant_id),) if _one_start(known, command) else ()
        )
        return Done(201, entry_view(entry), events=(joined,), sends=sends)


async def leave(work: Writing, asked: Asked[WaitlistLeave]) -> Outcome:
    """Afterwards they do not wait, and what they had on offer is free."""
    command, actor = asked.message, asked.actor
    entry = await find_entry(work, command.entry_id, lock=True)
    if entry is None or not _sees(actor, entry):
        return NOT_FOUND
    if command.expected_version not in (None, entry.version):
        return refused("stale_version", f"The version is {entry.version}.")
    if not actor.may("booking:cancel:any") and not actor.is_user(entry.user_id):
        return refused("forbidden", "This entry is not yours to remove.")
    events = await taken_off(work, entry, actor)
    return events if isinstance(events, Refused) else Done(204, events=events)


async def taken_off(work: Writing, entry: EntryRow, actor: Actor) -> tuple[Happened, ...] | Refused:
    """The entry, held under lock, waits no longer, and what it had on offer is free."""
    if entry.status not in STANDING:
        return _ended(entry.status)
    events: tuple[Happened, ...] = ()
    if entry.offered_booking_id is not None and entry.status == "offered":
        row = await find_booking(work, entry.offered_booking_id, lock=True)
        if row is not None and row.status not in (Status.HELD, Status.EXPIRED, Status.CANCELLED):
            # It was taken up a moment ago: that is heard of any moment now.
            return _ended("fulfilled")
        if row is not None and has_lapsed(booking_of(row), exact_epoch(work.now)):
            lapsed = await expired(work, row)
            events = () if lapsed is None else (lapsed,)
        elif row is not None and row.status == Status.HELD:
            gone = cancelled(work, row, actor.label, "left_the_waitlist")
            _, event = await saved(work, row, gone, CANCELLED, actor.label)
            events = (event,)
    _, left = await moved(work, entry, "cancelled", "waitlist.cancelled")
    return (*events, left)


async def get_entry(read: Reading, asked: Asked[WaitlistGet]) -> Done | Refused:
    entry = await find_entry(read, asked.message.entry_id)
    if entry is None or not _sees(asked.actor, entry):
        return NOT_FOUND
    return Done(200, entry_view(entry))


class WaitlistLists:
    """Lists of entries, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "waitlist")

    async def list(self, read: Reading, asked: Asked[WaitlistList]) -> Done | Refused:
        """In the order of the line. A customer's list is of their own entries."""
        query, actor = asked.message, asked.actor
        whose = people_shown(actor, query.user_id)
        if whose is None:
            return Done(200, {"items": [], "next_cursor": None})
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = EntryFilter(query.resource_id, query.category_id, whose.user_id, query.status)
        rows = await list_entries(read, wanted, query.limit + 1, after)
        return Done(200, self._cursors.page(read.tenant_id, rows, query.limit, entry_view, _place))


# By code: the field that is wrong, and why.
_SAID = {
    "invalid_interval": ("to", "There is no room for that length between from and to."),
    "range_too_long": ("to", "Nobody waits for more than 62 days at once."),
    "in_the_past": ("to", "The last start lies in the past."),
    "too_soon": ("to", "The last start is sooner than bookings are taken."),
    "too_far_ahead": ("from", "That is further ahead than bookings are taken."),
    "duration_not_multiple": (
        "duration_minutes",
        "The length is no multiple of the slot interval.",
    ),
    "duration_out_of_bounds": ("duration_minutes", "The length is not one that is booked here."),
    "resource_unavailable": ("resource_id", "There is no active resource to wait for."),
    "capacity_exceeded": ("quantity", "No resource has so much capacity."),
}


def _one_start(known: Known, command: WaitlistJoin) -> bool:
    return has_one_start(known.settings.rules, _wanted(command))


def _offer(known: Known, command: WaitlistJoin) -> WaitlistOffer:
    """Whoever waits for one certain place may have missed it by a moment: it is looked at again,
    for all who wait for it, in their order."""
    return WaitlistOffer(
        resource_ids=tuple(one.id for one in known.resources[:MOST_RESOURCES]),
        freed_from=command.since,
        freed_to=command.until,
    )


def _wanted(command: WaitlistJoin) -> Wanted:
    since = ceil_epoch(command.since)
    within = Interval(since, max(since, floor_epoch(command.until)))
    return Wanted(within, command.duration_minutes * 60, command.quantity)


def _entry(work: Writing, asked: Asked[WaitlistJoin], user_id: UUID) -> EntryRow:
    command = asked.message
    return EntryRow(
        tenant_id=work.tenant_id,
        entry_id=command.id or object_id_for_command(asked.envelope.id),
        resource_id=command.resource_id,
        category_id=command.category_id,
        user_id=user_id,
        since=command.since,
        until=command.until,
        duration_minutes=command.duration_minutes,
        quantity=command.quantity,
        status="waiting",
        offered_booking_id=None,
        offer_expires_at=None,
        created_by=asked.actor.label,
        created_at=work.now,
        updated_at=work.now,
        version=1,
    )


def _sees(actor: Actor, entry: EntryRow) -> bool:
    return actor.may("booking:read:any") or actor.is_user(entry.user_id)


def _ended(status: str) -> Refused:
    return refused(
        "invalid_transition",
        f"An entry that is {status} is not cancelled.",
        current_status=status,
        requested_status="cancelled",
    )


def _place(row: EntryRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.entry_id)]
