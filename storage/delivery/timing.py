"""Single statements of the timers' own role, which sees every tenant; each is committed at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncEngine


async def committed(
    engine: AsyncEngine, statement: Executable, values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """The statement is carried out and kept; its rows, where it gives any."""
    async with engine.connect() as connection, connection.begin():
        result = await connection.execute(statement, values)
        return result.all() if result.returns_rows else ()
