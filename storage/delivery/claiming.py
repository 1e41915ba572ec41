"""Taking up work that is due, as the timers' role: committed before anybody begins with it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncEngine


async def claimed(
    engine: AsyncEngine, statement: Executable, values: Mapping[str, Any]
) -> list[Row[Any]]:
    """The rows that a claiming statement returns; from here on they are nobody else's."""
    async with engine.connect() as connection, connection.begin():
        return list(await connection.execute(statement, values))
