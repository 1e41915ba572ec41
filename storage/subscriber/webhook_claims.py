"""Taking up webhook deliveries that are due, as the timers' role: fairly, and each by one sender.

From each endpoint a few at most, fewer from one that fails; then the endpoints' tenants take turns,
those first that have the least under way. Nobody's endless queue, and no dead endpoint, comes
before another tenant's first delivery.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.claiming import claimed

# all tenants: the sender delivers for everybody. The second look at what is due and not taken is
# for rows that another sender took in between: it is made again once the row is locked.
_CLAIM = text("""
    WITH clock AS (SELECT coalesce(cast(:now AS timestamptz), clock_timestamp()) AS now),
    under_way AS (
        SELECT tenant_id, webhook_id, count(*) AS many FROM webhook_delivery, clock
        WHERE state = 'pending' AND claimed_until > clock.now GROUP BY 1, 2
    ),
    of_endpoint AS (
        SELECT due.*, coalesce(busy.many, 0) AS busy
        FROM clock, webhook e
        LEFT JOIN (SELECT tenant_id, sum(many) AS many FROM under_way GROUP BY 1) busy
            ON busy.tenant_id = e.tenant_id
        LEFT JOIN under_way own
            ON own.tenant_id = e.tenant_id AND own.webhook_id = e.webhook_id
        CROSS JOIN LATERAL (
            SELECT d.tenant_id, d.delivery_id, d.due_at FROM webhook_delivery d
            WHERE d.tenant_id = e.tenant_id AND d.webhook_id = e.webhook_id
              AND d.state = 'pending' AND d.due_at <= clock.now
              AND (d.claimed_until IS NULL OR d.claimed_until <= clock.now)
            ORDER BY d.due_at
            LIMIT greatest(0, CASE WHEN e.failing_since IS NULL THEN :of_endpoint ELSE 1 END
                              - coalesce(own.many, 0))
        ) due
        WHERE e.enabled AND NOT e.withheld AND e.deleted_at IS NULL
    ),
    of_tenant AS (
        SELECT *, busy + row_number() OVER (PARTITION BY tenant_id ORDER BY due_at) AS turn
        FROM of_endpoint
    ),
    chosen AS (
        SELECT d.tenant_id, d.delivery_id FROM webhook_delivery d
        JOIN of_tenant USING (tenant_id, delivery_id), clock
        WHERE of_tenant.turn <= :of_tenant AND d.state = 'pending' AND d.due_at <= clock.now
          AND (d.claimed_until IS NULL OR d.claimed_until <= clock.now)
        ORDER BY of_tenant.turn, d.due_at
        LIMIT :most FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE webhook_delivery d SET claimed_until = clock.now + :lease FROM chosen, clock
    WHERE d.tenant_id = chosen.tenant_id AND d.delivery_id = chosen.delivery_id
    RETURNING d.tenant_id, d.webhook_id, d.delivery_id, clock.now
""")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many deliveries may be under way at once: of an endpoint, of a tenant."""

    of_endpoint: int = 4
    of_tenant: int = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is this sender's for the lease, taken up at `now`."""

    tenant_id: UUID
    webhook_id: UUID
    delivery_id: UUID
    now: datetime


async def claim(
    engine: AsyncEngine,
    most: int,
    lease: timedelta,
    bounds: Bounds,
    now: datetime | None = None,
) -> list[Claim]:
    """Takes up to `most` of what is due `now`, which is the database's clock if not given."""
    values = {
        "now": now,
        "most": most,
        "lease": lease,
        "of_endpoint": bounds.of_endpoint,
        "of_tenant": bounds.of_tenant,
    }
    return [Claim(**row._asdict()) for row in await claimed(engine, _CLAIM, values)]
