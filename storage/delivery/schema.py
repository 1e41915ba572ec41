"""Migrations: bringing a context's database to its newest revision, and making new revisions."""

import asyncio
import importlib
from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, pool
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from storage.delivery.engine import async_url
from storage.delivery.heads import STORAGE, newest_revision, versions_of

CONTEXTS: tuple[str, ...] = ("tenant", "resource", "user", "reservation", "subscriber")


def upgrade(context: str, url: str, revision: str = "head") -> None:
    """The database at `url` (an administrator's) stands at `revision`; nothing is done if it does.

    Call it outside of a running event loop.
    """
    _run(context, url, lambda config: command.upgrade(config, revision))


def downgrade(context: str, url: str, revision: str) -> None:
    """The database at `url` stands at the older `revision`, or is empty for `base`."""
    _run(context, url, lambda config: command.downgrade(config, revision))


def revision(context: str, message: str, url: str) -> None:
    """A new revision file, numbered, with what the tables in code have and the database lacks."""
    number = f"{int(newest_revision(context)) + 1:04d}"

    def make(config: Config) -> object:
        return command.revision(config, message, autogenerate=True, rev_id=number)

    _run(context, url, make)


def revisions(context: str) -> list[str]:
    """Every revision of a context, oldest first."""
    script = ScriptDirectory.from_config(config_of(context))
    return [found.revision for found in script.walk_revisions()][::-1]


def head_of(context: str) -> str | None:
    """The newest revision that the code has."""
    return ScriptDirectory.from_config(config_of(context)).get_current_head()


def metadata_of(context: str) -> MetaData:
    """The context's tables as the code knows them."""
    tables = importlib.import_module(f"storage.{context}.tables")
    metadata: MetaData = tables.METADATA
    return metadata


def config_of(context: str) -> Config:
    """Alembic's configuration of one context; there is no ini file."""
    if context not in CONTEXTS:
        raise ValueError(f"there is no context {context}")
    config = Config()
    config.set_main_option("script_location", str(STORAGE / "delivery" / "alembic"))
    config.set_main_option("version_locations", str(versions_of(context)))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["metadata"] = metadata_of(context)
    return config


def _run(context: str, url: str, work: Callable[[Config], object]) -> None:
    config = config_of(context)

    def with_connection(connection: Connection) -> None:
        config.attributes["connection"] = connection
        work(config)

    async def connect() -> None:
        engine = create_async_engine(async_url(url), poolclass=pool.NullPool)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(with_connection)
        finally:
            await engine.dispose()

    asyncio.run(connect())
