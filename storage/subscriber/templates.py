"""Queries on tenants' own texts."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.delivery.timing import committed
from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import NOTIFICATION_TEMPLATE

_TABLE = NOTIFICATION_TEMPLATE.c


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A text as it is stored; `body` is None where the tenant gave its own up."""

    tenant_id: UUID
    event: str
    channel: str
    locale: str
    subject: str | None
    body: str | None
    version: int
    created_at: datetime
    updated_at: datetime


async def find_template(read: Reading, event: str, channel: str, locale: str) -> TemplateRow | None:
    """What is kept of one."""
    row = (await read.run(_one(read.tenant_id, event, channel, locale))).one_or_none()
    return None if row is None else TemplateRow(**row._asdict())


async def locked_template(write: Writing, event: str, channel: str, locale: str) -> TemplateRow:
    """The row until the commit, version 0 where there was none: two who write their first text at
    once come one after the other."""
    first = TemplateRow(
        write.tenant_id, event, channel, locale, None, None, 0, write.now, write.now
    )
    await write.run(insert(NOTIFICATION_TEMPLATE).values(asdict(first)).on_conflict_do_nothing())
    query = _one(write.tenant_id, event, channel, locale).with_for_update()
    return TemplateRow(**(await write.run(query)).one()._asdict())


async def list_templates(read: Reading) -> list[TemplateRow]:
    """All that are kept of the tenant: there are no more than there are messages."""
    query = select(NOTIFICATION_TEMPLATE).where(_TABLE.tenant_id == read.tenant_id)
    return [TemplateRow(**row._asdict()) for row in await read.run(query)]


async def save_template(write: Writing, row: TemplateRow) -> None:
    """Writes one that was loaded under lock."""
    statement = update(NOTIFICATION_TEMPLATE).where(
        _TABLE.tenant_id == row.tenant_id,
        _TABLE.event == row.event,
        _TABLE.channel == row.channel,
        _TABLE.locale == row.locale,
    )
    await write.run(statement.values(asdict(row)))


async def own_text(
    engine: AsyncEngine, tenant_id: UUID, event: str, channel: str, locale: str
) -> tuple[str | None, str] | None:
    """Subject and body as the timers' role reads them; None where the tenant has none."""
    query = _one(tenant_id, event, channel, locale).with_only_columns(_TABLE.subject, _TABLE.body)
    rows = await committed(engine, query, {})
    return (rows[0].subject, rows[0].body) if rows and rows[0].body is not None else None


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    """Nothing is left of a tenant's texts."""
    await purging.forget_tenant(engine, (NOTIFICATION_TEMPLATE,), tenant_id)


def _one(tenant_id: UUID, event: str, channel: str, locale: str) -> Select[Any]:
    return select(NOTIFICATION_TEMPLATE).where(
        _TABLE.tenant_id == tenant_id,
        _TABLE.event == event,
        _TABLE.channel == channel,
        _TABLE.locale == locale,
    )
