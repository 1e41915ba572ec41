"""Forgetting, as the timers' own role: what ran out or was deleted long ago."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery import purging
from storage.user.tables import (
    ACCOUNT,
    API_KEY,
    CALENDAR_TOKEN,
    ONE_TIME_CODE,
    REFRESH_TOKEN,
    ROLE,
    SESSION,
)

# all tenants: what has run out is of use to nobody
_RUN_OUT = (
    text("""
        DELETE FROM one_time_code
        WHERE expires_at < clock_timestamp() - make_interval(days => :days)
    """),
    text("""
        DELETE FROM refresh_token USING session
        WHERE session.tenant_id = refresh_token.tenant_id
          AND session.session_id = refresh_token.session_id
          AND least(session.expires_at, session.revoked_at)
              < clock_timestamp() - make_interval(days => :days)
    """),
    text("""
        DELETE FROM session
        WHERE least(expires_at, revoked_at) < clock_timestamp() - make_interval(days => :days)
    """),
)

# all tenants: what was deleted goes by age
_DELETED = (
    text("DELETE FROM role WHERE deleted_at < clock_timestamp() - make_interval(days => :days)"),
    text("DELETE FROM api_key WHERE deleted_at < clock_timestamp() - make_interval(days => :days)"),
)
# all tenants: so do people; and whoever was erased a while ago is once more, for what was under way
# then: a booking may have been made from what was known of them a moment before
_PEOPLE = text("""
    (SELECT tenant_id, user_id, deleted_at AS since FROM account
     WHERE deleted_at < clock_timestamp() - make_interval(days => :days) AND erased_at IS NULL
     ORDER BY deleted_at LIMIT 500)
    UNION ALL
    SELECT tenant_id, user_id, erased_at FROM account
    WHERE erased_at BETWEEN clock_timestamp() - interval '3 hours'
                        AND clock_timestamp() - interval '1 minute'
""")


@dataclass(frozen=True, slots=True)
class DueErasure:
    """Somebody who was deleted long ago, or erased a while ago: `since` then."""

    tenant_id: UUID
    user_id: UUID
    since: datetime


async def people_to_erase(engine: AsyncEngine, days: int) -> list[DueErasure]:
    """Up to 500 who were deleted, by the database's clock, and all who were just erased."""
    async with engine.connect() as connection:
        rows = await connection.execute(_PEOPLE, {"days": days})
        return [DueErasure(**row._asdict()) for row in rows]


async def forget_deleted(engine: AsyncEngine, days: int) -> None:
    """Roles and keys that were deleted longer ago than that; people are erased everywhere."""
    await purging.forget(engine, _DELETED, days)


async def forget_tenant(engine: AsyncEngine, tenant_id: UUID) -> None:
    """Whose slug it was stays in the directory."""
    tables = (CALENDAR_TOKEN, REFRESH_TOKEN, SESSION, ONE_TIME_CODE, API_KEY, ROLE, ACCOUNT)
    await purging.forget_tenant(engine, tables, tenant_id)


async def forget_run_out(engine: AsyncEngine, days: int) -> None:
    """Deletes what ended longer ago than that. A session outlives its end for a while, so that a
    stolen token of it is still known to be one."""
    await purging.forget(engine, _RUN_OUT, days)
