"""Whether a database has what the code needs: what running processes ask, without Alembic.

Revisions are numbered: the newest is the highest number among the files.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

STORAGE = Path(__file__).resolve().parent.parent


def versions_of(context: str) -> Path:
    """Where a context's revisions are."""
    return STORAGE / context / "migrations" / "versions"


@cache
def newest_revision(context: str) -> str:
    """The newest revision that the code has, such as `0001`."""
    return max(found.name.partition("_")[0] for found in versions_of(context).glob("[0-9]*_*.py"))


async def is_at_head(context: str, engine: AsyncEngine) -> bool:
    """Whether the database that `engine` reaches stands at the code's newest revision or beyond: in
    an upgrade the old code serves on while the new one's migrations are already there."""
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT version_num FROM alembic_version"))
        revisions = [row[0] for row in found]
    return bool(revisions) and max(revisions) >= newest_revision(context)
