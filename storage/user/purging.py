"""Forgetting, as the timers' own role: sign-ins and codes that have run out, of every tenant."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.delivery.purging import forget

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


async def forget_run_out(engine: AsyncEngine, days: int) -> None:
    """Deletes what ended longer ago than that. A session outlives its end for a while, so that a
    stolen token of it is still known to be one."""
    await forget(engine, _RUN_OUT, days)
