"""Creating a series, and showing beforehand what would come of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.reservation.series import SeriesCreate, SeriesPreview
from contracts.wire.envelope import Actor
from contracts.wire.identity import object_id_for_command
from contracts.wire.strict import rfc3339
from domain.reservation import acceptance
from domain.reservation.acceptance import Accepted, Request
from domain.reservation.booking import initial_status, terms_for
from domain.reservation.opening import zone_of
from domain.reservation.series import Occurrence, expanded
from domain.time.instant import floor_epoch, utc_of
from domain.time.recurrence import pattern_from_document, rrule_text
from domain.time.violation import Malformed, Violation
from handlers.delivery.attributes import too_large
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused, refused_fields
from handlers.reservation.creating import FORBIDDEN_FOR_OTHERS, NAMES, user_of
from handlers.reservation.knowledge import (
    Knowledge,
    KnownResource,
    KnownSettings,
    resource_of,
    settings_of,
)
from handlers.reservation.placing import locked
from handlers.reservation.series_placing import (
    Answer,
    Decided,
    Wanted,
    decided_for_show,
    decided_under_lock,
    not_all,
    taken_all,
)
from handlers.reservation.series_reading import series_view
from handlers.reservation.series_saving import added_all
from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import BookingRow, active_bookings_of
from storage.reservation.series import (
    SeriesRow,
    SkippedRow,
    add_series,
    find_series,
    set_skipped,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a series is decided on, found before its transaction began; `spans` are the occurrences
    as epoch seconds, by start."""

    settings: KnownSettings
    resource: KnownResource
    user_id: UUID | None
    spans: tuple[tuple[int, int], ...]
    rrule: str = ""

    @property
    def counted(self) -> UUID | None:
        """Whose bookings a quota counts, where there is one."""
        quota = self.settings.rules.max_active_bookings_per_user
        return None if quota is None else self.user_id

    @property
    def locks(self) -> list[UUID]:
        return [self.resource.id, *([] if self.counted is None else [self.counted])]

    async def wanted(self, read: Reading, quantity: int) -> Wanted:
        """The occurrences as they are asked for now."""
        terms = terms_for(self.settings.rules, self.resource.resource, self.settings.version)
        used = None
        if self.counted is not None:
            used = await active_bookings_of(read, self.counted, read.now)
        found = tuple(Occurrence(terms, Request(*span, quantity)) for span in self.spans)
        return Wanted(self.settings, self.resource, found, used)


# Each of up to 366 bookings carries them.
MAX_ATTRIBUTES = 8_192


class SeriesCreation:
    """Handles `series.create` and `series.preview`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def prepare(self, asked: Asked[SeriesPreview]) -> Known | Refused:
        """Resource and user exist, and the pattern makes a series; then its occurrences."""
        command = asked.message
        user_id = user_of(command.user_id, asked.actor)
        found = await recalled(self._knowledge, asked, command.resource_id, user_id)
        return found if isinstance(found, Refused) else _expanded(command, *found, user_id)

    async def preview(self, work: Writing, asked: Asked[SeriesPreview]) -> Outcome:
        """What a creation at this instant would come to; nothing is changed."""
        known = asked.prepared
        if isinstance(known, Refused):
            return known
        if not may_create(asked.actor, known.user_id):
            return FORBIDDEN_FOR_OTHERS
        wanted = await known.wanted(work, asked.message.quantity)
        decided = await decided_for_show(work, wanted)
        shown = [
            _shown(span, answer) for span, answer in zip(known.spans, decided.answers, strict=True)
        ]
        return Done(200, {"occurrences": shown})

    async def decide(self, work: Writing, asked: Asked[SeriesCreate]) -> Outcome:
        """Every occurrence is booked, or all but those that are kept as skipped, or none."""
        command, known = asked.message, asked.prepared
        if isinstance(known, Refused):
            return known
        if not may_create(asked.actor, known.user_id):
            return FORBIDDEN_FOR_OTHERS
        unfit = too_large(command.attributes, MAX_ATTRIBUTES)
        if unfit is not None:
            return unfit
        await locked(work, known.locks)
        series = _series(work, asked, known)
        if await find_series(work, series.series_id) is not None:
            return refused("id_in_use", "Another series has this id.")
        wanted = await known.wanted(work, command.quantity)
        decided = await decided_under_lock(work, wanted)
        if isinstance(decided, Refused):
            return decided
        if decided.refusals and command.on_conflict == "fail":
            return await not_all(work, wanted, decided)
        await add_series(work, series)
        rows = rows_of(work, asked, series, known, wanted, decided)
        await taken_all(work, wanted, [None if row is None else row.booking_id for row in rows])
        made = [row for row in rows if row is not None]
        events = await added_all(work, made)
        skipped = skipped_from(known.spans, decided.answers)
        await set_skipped(work, series.series_id, skipped)
        view = series_view(series, made, skipped, asked.actor, work.now)
        return Done(201, view, events=(*decided.events, *events))


async def recalled(
    knowledge: Knowledge, asked: Asked[Any], resource_id: UUID, user_id: UUID | None
) -> tuple[KnownSettings, KnownResource] | Refused:
    """The rules and the resource, where they and the user exist; else 404."""
    tenant_id = asked.tenant_id
    wanted = [("settings", tenant_id), ("resource", resource_id)]
    wanted += [] if user_id is None else [("user", user_id)]
    bodies = await knowledge.recall(tenant_id, wanted, asked.envelope.traceparent)
    for (kind, _), body in zip(wanted, bodies, strict=True):
        if body is None:
            return refused("not_found", f"There is no such {NAMES.get(kind, kind)}.")
    settings, resource, *_ = [body for body in bodies if body is not None]
    return settings_of(settings), resource_of(resource)


def _expanded(
    command: SeriesPreview, settings: KnownSettings, resource: KnownResource, user_id: UUID | None
) -> Known | Refused:
    """The occurrences of the pattern; 400 where it makes none, too many, or some that overlap."""
    start, end = floor_epoch(command.starts_at), floor_epoch(command.ends_at)
    if end <= start:
        return refused_fields(
            "invalid_interval", [("ends_at", "invalid_interval", "The end is not after the start.")]
        )
    try:
        pattern = pattern_from_document(command.recurring_pattern.model_dump())
    except Malformed as malformed:
        message = f"The pattern cannot be read: {malformed}."
        return refused_fields("validation_failed", [("recurring_pattern", "one_of", message)])
    zone = zone_of(settings.rules, resource.resource)
    starts = expanded(pattern, start, end - start, zone)
    if isinstance(starts, Violation):
        return refused_fields("validation_failed", [(starts.field, starts.code, starts.message)])
    spans = tuple((one, one + end - start) for one in starts)
    return Known(settings, resource, user_id, spans, rrule_text(pattern, zone))


def may_create(actor: Actor, user_id: UUID | None) -> bool:
    """Staff for anybody, a customer for themselves."""
    return actor.may("booking:create:any") or actor.is_user(user_id)


def _series(work: Writing, asked: Asked[SeriesCreate], known: Known) -> SeriesRow:
    command, now = asked.message, work.now
    return SeriesRow(
        tenant_id=work.tenant_id,
        series_id=command.id or object_id_for_command(asked.envelope.id),
        resource_id=known.resource.id,
        user_id=known.user_id,
        rrule=known.rrule,
        pattern=command.recurring_pattern.model_dump(mode="json"),
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        timezone=zone_of(known.settings.rules, known.resource.resource).key,
        quantity=command.quantity,
        notes=command.notes,
        attributes=command.attributes,
        created_by=asked.actor.label,
        created_at=now,
        updated_at=now,
        version=1,
    )


def rows_of(
    work: Writing,
    asked: Asked[Any],
    series: SeriesRow,
    known: Known,
    wanted: Wanted,
    decided: Decided,
) -> list[BookingRow | None]:
    """A booking for each occurrence that is accepted, None for each that is not."""
    return [
        _row(work, asked, series, known, one) if isinstance(answer, Accepted) else None
        for one, answer in zip(wanted.occurrences, decided.answers, strict=True)
    ]


def _row(
    work: Writing, asked: Asked[Any], series: SeriesRow, known: Known, one: Occurrence
) -> BookingRow:
    document, request, now = known.resource.document, one.request, work.now
    category = document["category_id"]
    return BookingRow(
        tenant_id=work.tenant_id,
        booking_id=object_id_for_command(asked.envelope.id, f"/{request.starts_at}"),
        resource_id=known.resource.id,
        resource_ids=[known.resource.id],
        category_id=None if category is None else UUID(category),
        user_id=series.user_id,
        series_id=series.series_id,
        starts_at=utc_of(request.starts_at),
        ends_at=utc_of(request.ends_at),
        timezone=document["timezone"] or known.settings.rules.timezone,
        quantity=request.quantity,
        status=initial_status(known.settings.rules, asked_held=False).value,
        notes=series.notes,
        attributes=series.attributes,
        price=document["price"],
        hold_expires_at=None,
        created_by=asked.actor.label,
        created_at=now,
        updated_at=now,
        cancelled_at=None,
        cancelled_by=None,
        cancellation_reason=None,
        version=1,
        **asdict(one.terms),
    )


def skipped_from(spans: Sequence[tuple[int, int]], answers: Sequence[Answer]) -> list[SkippedRow]:
    """The occurrences that were refused, each with the first thing that spoke against it."""
    return [
        SkippedRow(utc_of(start), utc_of(end), answer.code)
        for (start, end), answer in zip(spans, answers, strict=True)
        if isinstance(answer, acceptance.Refused)
    ]


def _shown(span: tuple[int, int], answer: Answer) -> dict[str, Any]:
    start, end = (_instant(one) for one in span)
    found: dict[str, Any] = {"starts_at": start, "ends_at": end, "ok": isinstance(answer, Accepted)}
    return found | ({"code": answer.code} if isinstance(answer, acceptance.Refused) else {})


def _instant(epoch: int) -> str:
    moment: datetime = utc_of(epoch)
    return rfc3339(moment)
