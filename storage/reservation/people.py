"""Queries on everything that concerns one person. Nobody commits here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_, update

from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import HistoryRow
from storage.reservation.series import SeriesRow
from storage.reservation.tables import BOOKING, BOOKING_HISTORY, BOOKING_SERIES, WAITLIST_ENTRY
from storage.reservation.waitlist import STANDING, EntryRow


async def clear_free_text(write: Writing, user_id: UUID) -> None:
    """No booking and no series of the person says anything in words."""
    for table, texts in ((BOOKING, ("notes", "cancellation_reason")), (BOOKING_SERIES, ("notes",))):
        said = [table.c[name].is_not(None) for name in texts]
        await write.run(
            update(table)
            .where(
                table.c.tenant_id == write.tenant_id,
                table.c.user_id == user_id,
                or_(*said, table.c.attributes != {}),
            )
            .values({**dict.fromkeys(texts), "attributes": {}})
        )


async def standing_entries_of(write: Writing, user_id: UUID) -> list[EntryRow]:
    """What the person waits for or is offered, held until the commit."""
    query = (
        select(WAITLIST_ENTRY)
        .where(
            WAITLIST_ENTRY.c.tenant_id == write.tenant_id,
            WAITLIST_ENTRY.c.user_id == user_id,
            WAITLIST_ENTRY.c.status.in_(STANDING),
        )
        .order_by(WAITLIST_ENTRY.c.entry_id)
        .with_for_update()
    )
    return [EntryRow(**row._asdict()) for row in await write.run(query)]


async def series_of(
    read: Reading, user_id: UUID, limit: int, after: tuple[datetime, UUID] | None
) -> list[SeriesRow]:
    """The person's series by creation, `limit` at most, after the given place."""
    table = BOOKING_SERIES.c
    query = (
        select(BOOKING_SERIES)
        .where(table.tenant_id == read.tenant_id, table.user_id == user_id)
        .order_by(table.created_at, table.series_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(table.created_at, table.series_id) > after)
    return [SeriesRow(**row._asdict()) for row in await read.run(query)]


async def histories_of(
    read: Reading, user_id: UUID, limit: int, after: tuple[UUID, int] | None
) -> list[HistoryRow]:
    """The changes of the person's bookings, one booking after the other, oldest first."""
    table = BOOKING_HISTORY.c
    query = (
        select(BOOKING_HISTORY)
        .join(
            BOOKING,
            and_(BOOKING.c.tenant_id == table.tenant_id, BOOKING.c.booking_id == table.booking_id),
        )
        .where(table.tenant_id == read.tenant_id, BOOKING.c.user_id == user_id)
        .order_by(table.booking_id, table.version)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(table.booking_id, table.version) > after)
    return [HistoryRow(**row._asdict()) for row in await read.run(query)]
