"""A pool of connections that says how many wait for one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry


class CountingPool(AsyncAdaptedQueuePool):
    """Like the pool of every engine; `waiting` asked for a connection and have none yet."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.waiting = 0

    def _do_get(self) -> ConnectionPoolEntry:
        self.waiting += 1
        try:
            return super()._do_get()
        finally:
            self.waiting -= 1


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of one engine: how many there may be, how many work, how many are waited for."""

    size: int
    in_use: int
    waiting: int


def pool_state(engine: AsyncEngine) -> PoolState | None:
    """The state at this moment; None for an engine with another kind of pool."""
    pool = engine.pool
    if not isinstance(pool, CountingPool):
        return None
    return PoolState(pool.size(), pool.checkedout(), pool.waiting)
