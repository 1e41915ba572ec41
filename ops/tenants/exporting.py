"""A tenant's rows into an archive: a snapshot of each database, all taken before the first row."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import BinaryIO

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.identity import new_id
from contracts.wire.sealing import Keyring
from ops.errors import StartupError
from ops.tenants.archive import FORMAT, ArchiveWriter, Contents, Manifest
from ops.tenants.finding import Found
from ops.tenants.resealing import opened
from ops.tenants.tables import MOVING, tables_of
from storage.delivery.heads import newest_revision
from storage.delivery.moving import Snapshot, snapshot

# Told of each table: `context/table`, and how many rows came now.
Say = Callable[[str, int], None]


async def export_tenant(
    engines: Mapping[str, AsyncEngine],
    keyring: Keyring,
    tenant: Found,
    file: BinaryIO,
    passphrase: str,
    say: Say = lambda _table, _rows: None,
) -> Manifest:
    """The file holds all that the databases have of the tenant, each as it was when the snapshots
    were taken, within moments of each other."""
    async with AsyncExitStack() as held:
        views = {
            context: await held.enter_async_context(snapshot(engines[context], tenant.id))
            for context in MOVING
        }
        revisions = {context: await _at_head(context, view) for context, view in views.items()}
        with ArchiveWriter(file, passphrase) as archive:
            taken_at = datetime.now(UTC)
            for context, view in views.items():
                await _add_database(archive, context, view, keyring, say)
            contents = archive.sums.contents()
            nothing = Contents(rows=0, sha256="")
            manifest = Manifest(
                format=FORMAT,
                id=new_id(),
                tenant_id=tenant.id,
                slug=tenant.slug,
                name=tenant.name,
                status=tenant.status,
                exported_at=taken_at,
                revisions=revisions,
                tables={
                    name: contents.get(name, nothing)
                    for name in (f"{one}/{table}" for one in MOVING for table in MOVING[one])
                },
            )
            archive.finish(manifest)
    return manifest


async def _add_database(
    archive: ArchiveWriter, context: str, view: Snapshot, keyring: Keyring, say: Say
) -> None:
    for table in tables_of(context):
        name = f"{context}/{table.name}"
        say(name, 0)
        async for rows in view.rows(table):
            archive.add(name, opened(table.name, rows, keyring))
            say(name, len(rows))
        archive.end(name)


async def _at_head(context: str, view: Snapshot) -> str:
    revision = await view.revision()
    if revision != newest_revision(context):
        raise StartupError(
            f"The database of {context} stands at {revision}, this program at"
            f" {newest_revision(context)}: migrate first."
        )
    return revision
