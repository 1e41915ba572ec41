"""`tenant`: export, import."""

import asyncio
import errno
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import redis
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.redis_clients import writing_client
from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.database import APP, TIMER
from ops.errors import StartupError, Unreachable
from ops.reaching import database_urls, keyring, reached_redis, surroundings
from ops.tenants.archive import Manifest
from ops.tenants.exporting import export_tenant
from ops.tenants.finding import Found, find_tenant
from ops.tenants.importing import import_tenant, verified
from ops.tenants.progress import progress
from ops.tenants.sealing import SHORTEST_PASSPHRASE
from ops.tenants.settling import settle, suspend
from ops.trail import record
from storage.delivery.engine import make_engine
from storage.delivery.errors import Trouble, trouble_of

CAME = TypeVar("CAME")
FULL = frozenset({errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EROFS})
PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the archive's passphrase; without it, it is asked for.",
)


@click.group()
def tenant() -> None:
    """Move a tenant to another installation: rooms, people, bookings, figures and all.

    An archive is sealed by a passphrase, which only you have.
    """


@tenant.command(
    name="export",
    epilog=examples("""
        slotstream tenant export salon --to salon.tenant
        slotstream tenant export salon --to salon.tenant --suspend --passphrase-file secret.txt
    """),
)
@click.argument("said", metavar="TENANT")
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to make; there must be none of that name.",
)
@click.option(
    "--suspend",
    "suspends",
    is_flag=True,
    help="Suspend the tenant first and wait until nothing of it is under way.",
)
@PASSPHRASE
@pass_task
def export(
    task: Task, /, *, said: str, path: Path, suspends: bool, passphrase_file: Path | None
) -> None:
    """Write all that there is of TENANT, by its slug or its id, into one sealed file.

    Each database is read as it was at one moment. With --suspend nothing happens after that moment;
    without it, events under way are missing from the figures, and what is booked later from all.
    """
    if path.exists():
        raise StartupError(f"{path} is there already.")
    if not path.parent.is_dir():
        raise StartupError(f"There is no folder {path.parent}.")
    passphrase = _passphrase(passphrase_file, new=True)
    with reached_redis(task) as client:
        manifest = asyncio.run(_export(task, client, said, path, passphrase, suspends=suspends))
    rows = sum(one.rows for one in manifest.tables.values())
    print(f"{manifest.slug} ({manifest.tenant_id}): {rows} rows in {path}")
    if manifest.status == "suspended":
        print("it is suspended, here and in the file, until it is resumed")
    else:
        print("it was at work meanwhile: the last moments may be missing from its figures")


@tenant.command(
    name="import",
    epilog=examples("slotstream tenant import salon.tenant --passphrase-file secret.txt"),
)
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@PASSPHRASE
@pass_task
def import_(task: Task, /, *, path: Path, passphrase_file: Path | None) -> None:
    """Bring in the tenant that is in FILE, which must not be here yet.

    The file is read and checked before anything is written. No event tells of what was before. When
    it is cut short, run the same command again: it goes on where it stopped.
    """
    passphrase = _passphrase(passphrase_file, new=False)
    with reached_redis(task) as client:
        manifest, already = asyncio.run(_import(task, path, passphrase))
        _note(client, "tenant.imported", manifest.tenant_id)
    rows = sum(one.rows for one in manifest.tables.values())
    of = f"{manifest.exported_at:%Y-%m-%d %H:%M} UTC"
    print(f"{manifest.slug} ({manifest.tenant_id}): {rows} rows, as they were at {of}")
    if already:
        print(f"of an earlier attempt there was already: {', '.join(already)}")
    if manifest.status == "suspended":
        print(f"it is suspended: POST /tenants/{manifest.tenant_id}/resume opens it")


async def _export(
    task: Task, client: "redis.Redis", said: str, path: Path, passphrase: str, *, suspends: bool
) -> Manifest:
    keys = keyring(task)
    async with _databases(task) as engines:
        found = await _heard(find_tenant(engines["tenant"], said))
        if suspends:
            await _settled(task, engines, found)
            found = await find_tenant(engines["tenant"], str(found.id))
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file, progress("reading") as say:
                work = export_tenant(engines, keys, found, file, passphrase, say)
                manifest = await _heard(work)
                file.flush()
                os.fsync(file.fileno())
            # Nothing is given out of which no record is on its way.
            _note(client, "tenant.exported", found.id)
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return manifest


async def _settled(task: Task, engines: dict[str, AsyncEngine], found: Found) -> None:
    url = surroundings(task).redis_url
    await suspend(url, keyring(task), found)
    client = writing_client(url)
    try:
        await settle(engines, client, found.id)
    except Unreachable as late:
        raise Unreachable(f"{late.sentence} {found.slug} stays suspended.") from late
    finally:
        await client.aclose()


async def _import(task: Task, path: Path, passphrase: str) -> tuple[Manifest, Iterable[str]]:
    keys = keyring(task)
    with progress("checking") as say:
        manifest = verified(path, passphrase, say)
    async with _databases(task) as engines, _databases(task, TIMER) as timers:
        with progress("writing") as say:
            work = import_tenant(engines, timers, keys, path, passphrase, manifest, say)
            brought = await _heard(work)
    return manifest, brought.already


@asynccontextmanager
async def _databases(task: Task, role: str = APP) -> AsyncIterator[dict[str, AsyncEngine]]:
    engines = {
        context: make_engine(url, connections=2, name="slotstream tool")
        for context, url in database_urls(task, role).items()
    }
    try:
        yield engines
    finally:
        for engine in engines.values():
            await engine.dispose()


async def _heard(work: Coroutine[Any, Any, CAME]) -> CAME:
    """What the work comes to; that a database is away is one sentence."""
    try:
        return await work
    except StartupError:
        raise
    except Exception as failure:
        if isinstance(failure, OSError) and failure.errno in FULL:
            raise StartupError(f"The file cannot be written: {failure.strerror}.") from failure
        if trouble_of(failure) is Trouble.AWAY:
            raise Unreachable(
                f"A database cannot be reached ({type(failure).__name__}): run the same command"
                " again when it can."
            ) from failure
        raise


def _note(client: "redis.Redis", event_type: str, tenant_id: UUID) -> None:
    """In the tenant's own trail, which moves with it, and in the platform's."""
    for whose in (tenant_id, None):
        record(client, event_type, f"tenant/{tenant_id}", tenant_id=whose)


def _passphrase(file: Path | None, *, new: bool) -> str:
    if file is not None:
        said = file.read_text(encoding="utf-8").strip()
    elif sys.stdin.isatty():
        said = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    else:
        raise click.UsageError("There is no terminal to ask at: give --passphrase-file.")
    if len(said) < SHORTEST_PASSPHRASE:
        raise click.UsageError(f"A passphrase has at least {SHORTEST_PASSPHRASE} characters.")
    return said
