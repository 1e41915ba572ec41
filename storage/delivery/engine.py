"""Engines: how a process connects to a context's database."""

from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.delivery.pool import CountingPool
from storage.delivery.statements import traced

# Milliseconds; reliability.md "Database". A statement that takes longer is lost work anyway: its
# caller's handler has a hard limit of ten seconds.
SESSION_LIMITS = {
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "timezone": "UTC",
    "jit": "off",
}


def async_url(url: str) -> str:
    """`postgresql://…` in the form that SQLAlchemy reads for asyncpg."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("a database URL begins with postgresql://")
    return f"postgresql+asyncpg://{rest}"


def make_engine(url: str, *, connections: int, name: str) -> AsyncEngine:
    """An engine whose pool holds `connections` and waits up to five seconds for one of them.

    READ COMMITTED; `pool_pre_ping` stays off because a lost connection is told apart by its error
    and the delivery is tried again.
    """
    engine = create_async_engine(
        async_url(url),
        poolclass=CountingPool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=5,
        isolation_level="READ COMMITTED",
        # An error's text goes into the log, and its parameters may be anybody's.
        hide_parameters=True,
        json_serializer=_dump,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 3,
            "server_settings": {**SESSION_LIMITS, "application_name": name},
        },
    )
    return traced(engine)


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()
