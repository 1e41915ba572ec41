"""Single statements of the timers' own role, which sees every tenant; each is committed at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

# Tidying may have millions of rows before it, and nobody waits for its answer.
PATIENCE = text("SET LOCAL statement_timeout = '10min'")


async def committed(
    engine: AsyncEngine,
    statement: Executable,
    values: Mapping[str, Any],
    *,
    patient: bool = False,
) -> Sequence[Row[Any]]:
    """The statement is carried out and kept; its rows, where it gives any. One that is `patient`
    may take longer than a statement of a command."""
    async with engine.connect() as connection, connection.begin():
        if patient:
            await connection.execute(PATIENCE)
        result = await connection.execute(statement, values)
        return result.all() if result.returns_rows else ()
