"""A tenant's archive into the databases of an installation that does not know the tenant.

Each database has one transaction, and all of them are ready before the first one commits: what is
refused has written nothing. Where commits are cut short, the import is begun again: the archive is
a command, and its id in a database's inbox says that this one has it. Who may sign in comes last.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.sealing import Keyring
from ops.errors import Damaged, Refused, Taken
from ops.tenants.archive import FORMAT, ArchiveReader, Manifest
from ops.tenants.resealing import sealed
from ops.tenants.tables import MOVING, table_of, tables_of
from ops.trail import OPERATOR
from storage.delivery.errors import sqlstate
from storage.delivery.heads import newest_revision
from storage.delivery.moving import has_rows, put_rows, say_incomplete, take_time
from storage.delivery.transaction import Writing, writing

Say = Callable[[str, int], None]
# The last one entered commits first: nobody signs in before all the rest is there.
ENTERED = ("user", "tenant", "resource", "subscriber", "reservation")
UNIQUE, FOREIGN_ROW, LOCKED = "23505", "42501", "55P03"


@dataclass(frozen=True, slots=True)
class Brought:
    """`already` are the databases that had it of an import that was cut short."""

    manifest: Manifest
    already: tuple[str, ...]


def verified(path: Path, passphrase: str, say: Say = lambda _table, _rows: None) -> Manifest:
    """What is in the archive, after all of it has been read; it fits this program."""
    with path.open("rb") as file:
        archive = ArchiveReader(file, passphrase)
        for table, rows in archive.parts():
            say(table, len(rows))
    manifest = archive.manifest
    if manifest.format != FORMAT:
        raise Refused(f"The archive has the format {manifest.format}, this program reads {FORMAT}.")
    for context in MOVING:
        found, own = manifest.revisions.get(context), newest_revision(context)
        if found != own:
            raise Refused(
                f"The archive was made where the database of {context} stood at {found}, here it is"
                f" {own}: export it with the same version."
            )
    named = {f"{context}/{table}" for context, tables in MOVING.items() for table in tables}
    if set(manifest.tables) != named:
        raise Damaged("The archive's tables are not those that this program knows.")
    return manifest


async def import_tenant(
    engines: Mapping[str, AsyncEngine],
    timers: Mapping[str, AsyncEngine],
    keyring: Keyring,
    path: Path,
    passphrase: str,
    manifest: Manifest,
    say: Say = lambda _table, _rows: None,
) -> Brought:
    """The tenant is here as it was there, and no event says so. Refused where there is one of its
    id or slug; nothing of it is here then. `timers` are the databases as the timers' role."""
    try:
        async with _all_or_none(engines, manifest) as works:
            with path.open("rb") as file:
                archive = ArchiveReader(file, passphrase)
                for name, rows in archive.parts():
                    context, _, table = name.partition("/")
                    if context in works:
                        kept = sealed(table, named(name, rows, manifest), keyring)
                        await put_rows(works[context], table_of(context, table), kept)
                    say(name, len(rows))
            if archive.manifest != manifest:
                raise Damaged("The archive is another one than a moment ago.")
            for one in timers.values():
                await say_incomplete(one)
            return Brought(manifest, tuple(name for name in MOVING if name not in works))
    except IntegrityError as wrong:
        if sqlstate(wrong) == UNIQUE and "uq_tenant_slug" in str(wrong.orig):
            raise Refused(f"Another tenant here has the slug {manifest.slug}.") from wrong
        raise
    except DBAPIError as wrong:
        if sqlstate(wrong) == FOREIGN_ROW:
            raise Damaged("The archive holds rows of another tenant.") from wrong
        if sqlstate(wrong) == LOCKED:
            raise Taken("Another import of this archive is under way.") from wrong
        raise


@asynccontextmanager
async def _all_or_none(
    engines: Mapping[str, AsyncEngine], manifest: Manifest
) -> AsyncIterator[dict[str, Writing]]:
    """A transaction in each database that has not got the archive yet; they commit when all of the
    block has gone well."""
    async with AsyncExitStack() as held:
        works = {}
        for context in ENTERED:
            work, found = await held.enter_async_context(
                writing(
                    engines[context],
                    manifest.tenant_id,
                    manifest.id,
                    fingerprint=manifest.digest,
                    actor=OPERATOR.label,
                    reply_to="",
                    traceparent="",
                )
            )
            await take_time(work)
            if found.state == "new":
                await _refuse_known(work, context, manifest)
                works[context] = work
            elif found.fingerprint != manifest.digest:
                raise Refused("An archive of the same id, which was another one, was imported.")
        yield works
        for work in works.values():
            await work.finish(
                manifest.tenant_id, manifest.id, state="done", reply=None, effects=None
            )


def named(name: str, rows: list[str], manifest: Manifest) -> list[str]:
    """The rows of a table with the manifest's slug where they name the tenant. People sign in by
    what the directory says, which may be behind: here it says the tenant's own slug, which nobody
    else has, and no other."""
    if name == "user/tenant_directory":
        directory = [orjson.loads(row) | {"slug": manifest.slug} for row in rows]
        return [orjson.dumps(row).decode() for row in directory]
    if name == "tenant/tenant" and any(orjson.loads(row)["slug"] != manifest.slug for row in rows):
        raise Damaged("The archive's tenant has another slug than its manifest says.")
    return rows


async def _refuse_known(work: Writing, context: str, manifest: Manifest) -> None:
    for table in tables_of(context):
        if await has_rows(work, table):
            raise Refused(
                f"There is a tenant {manifest.tenant_id} here already, or what is left of one:"
                f" {context}.{table.name} has rows of it."
            )
