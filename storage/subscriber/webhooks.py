"""Queries on webhook endpoints. Nobody commits here."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.delivery.transaction import Reading, Writing
from storage.subscriber.tables import WEBHOOK


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """An endpoint as it is stored: its secrets are sealed."""

    tenant_id: UUID
    webhook_id: UUID
    url: str
    event_types: tuple[str, ...]
    enabled: bool
    secret: str
    created_by: str
    version: int
    created_at: datetime
    updated_at: datetime
    disabled_reason: str | None = None
    failing_since: datetime | None = None
    old_secret: str | None = None
    old_secret_until: datetime | None = None
    deleted_at: datetime | None = None
    withheld: bool = False
    tenant_version: int = 0


async def find_webhook(read: Reading, webhook_id: UUID, *, lock: bool = False) -> WebhookRow | None:
    """The endpoint, if it is not deleted. `lock` holds it until the commit."""
    query = select(*WEBHOOK.c).where(
        WEBHOOK.c.tenant_id == read.tenant_id,
        WEBHOOK.c.webhook_id == webhook_id,
        WEBHOOK.c.deleted_at.is_(None),
    )
    if lock:
        # Not its key: deliveries are added to it meanwhile.
        query = query.with_for_update(key_share=True)
    row = (await read.run(query)).one_or_none()
    return None if row is None else _webhook(row)


async def list_webhooks(
    read: Reading, limit: int, after: tuple[datetime, UUID] | None
) -> list[WebhookRow]:
    """Endpoints by creation, `limit` at most, after the given place."""
    query = (
        select(*WEBHOOK.c)
        .where(WEBHOOK.c.tenant_id == read.tenant_id, WEBHOOK.c.deleted_at.is_(None))
        .order_by(WEBHOOK.c.created_at, WEBHOOK.c.webhook_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(WEBHOOK.c.created_at, WEBHOOK.c.webhook_id) > after)
    return [_webhook(row) for row in await read.run(query)]


async def count_webhooks(read: Reading) -> int:
    """How many endpoints the tenant has."""
    query = select(func.count()).where(
        WEBHOOK.c.tenant_id == read.tenant_id, WEBHOOK.c.deleted_at.is_(None)
    )
    return int((await read.run(query)).scalar_one())


async def listening(read: Reading, filters: tuple[str, ...]) -> list[tuple[UUID, bool]]:
    """The endpoints that have any one of the filters, each with whether it is enabled: those that
    were disabled because they failed are among them, those that somebody switched off are not."""
    query = (
        select(WEBHOOK.c.webhook_id, WEBHOOK.c.enabled)
        .where(
            WEBHOOK.c.tenant_id == read.tenant_id,
            WEBHOOK.c.deleted_at.is_(None),
            or_(WEBHOOK.c.enabled, WEBHOOK.c.disabled_reason.is_not(None)),
            WEBHOOK.c.event_types.overlap(list(filters)),
        )
        .order_by(WEBHOOK.c.webhook_id)
    )
    return [(row.webhook_id, row.enabled) for row in await read.run(query)]


async def add_webhook(write: Writing, webhook: WebhookRow) -> bool:
    """Inserts the endpoint; False where its id is taken."""
    statement = (
        upsert(WEBHOOK)
        .values(_values(webhook))
        .on_conflict_do_nothing()
        .returning(WEBHOOK.c.webhook_id)
    )
    return (await write.run(statement)).one_or_none() is not None


async def save_webhook(write: Writing, webhook: WebhookRow) -> None:
    """Writes every column of an endpoint that was loaded under lock."""
    statement = update(WEBHOOK).where(
        WEBHOOK.c.tenant_id == webhook.tenant_id, WEBHOOK.c.webhook_id == webhook.webhook_id
    )
    await write.run(statement.values(_values(webhook)))


async def mark_failing(write: Writing, webhook_id: UUID, since: datetime | None) -> None:
    """Since when nothing was delivered, None where something was; no new version of it."""
    statement = update(WEBHOOK).where(
        WEBHOOK.c.tenant_id == write.tenant_id, WEBHOOK.c.webhook_id == webhook_id
    )
    await write.run(statement.values(failing_since=since))


async def withhold(write: Writing, tenant_version: int, *, withheld: bool) -> None:
    """Nothing is sent to any endpoint of the tenant, or everything again, what waited too; unless
    something newer was heard of the tenant. How long one has failed is counted anew: days in which
    nothing was sent are none of it."""
    statement = update(WEBHOOK).where(
        WEBHOOK.c.tenant_id == write.tenant_id, WEBHOOK.c.tenant_version < tenant_version
    )
    values = {"withheld": withheld, "tenant_version": tenant_version, "failing_since": None}
    await write.run(statement.values(values))


def _webhook(row: Row[Any]) -> WebhookRow:
    return WebhookRow(**{**row._asdict(), "event_types": tuple(row.event_types)})


def _values(webhook: WebhookRow) -> dict[str, Any]:
    values = {field.name: getattr(webhook, field.name) for field in fields(webhook)}
    return {**values, "event_types": list(webhook.event_types)}
