"""Taking a backup of a running installation: Redis first, then PostgreSQL, then the secrets.

Redis must never be the newer one. What PostgreSQL has and Redis lacks is published again, and what
arrives a second time is known to the inboxes; what a group has acknowledged and its database does
not know would be lost to it.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ops.backup.contents import KEPT, Contents
from ops.backup.following import followed
from ops.backup.redis_image import fetch
from ops.commands.progress import steps
from ops.database import MAINTENANCE, with_database
from ops.embedded.placement import wheel_programs
from ops.errors import Refused, StartupError, Unreachable
from ops.keys import write_privately
from ops.settings import CONTEXTS, Settings


def take(settings: Settings, data_dir: Path, folder: Path) -> None:
    """The folder, made for this, holds a whole backup; nothing of it is left when that fails."""
    redis_url, database_url = _servers(settings, data_dir)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise StartupError(
            f"{folder} is there already: each backup has a folder of its own."
        ) from None
    contents = Contents(folder)
    try:
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        with steps(3) as under_way:
            with under_way.step("an image of Redis"):
                asyncio.run(fetch(redis_url, contents.redis_image))
            with under_way.step("PostgreSQL as a whole") as reached:
                _copy_cluster(database_url, contents.cluster, reached)
            with under_way.step("secrets"):
                for name in KEPT:
                    if (data_dir / name).is_dir():
                        shutil.copytree(data_dir / name, contents.kept(name))
        write_privately(contents.note, json.dumps({"made_at": made_at}).encode("ascii"))
    except BaseException:
        shutil.rmtree(folder)
        raise


def _servers(settings: Settings, data_dir: Path) -> tuple[str, str]:
    """Administrators' URLs: those of the run that uses the folder, else those that are given."""
    try:
        found = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
        return str(found["redis"]), _one_server(list(found["databases"].values()))
    except FileNotFoundError:
        pass
    urls = [settings.administrator_url_of(context) for context in CONTEXTS]
    if settings.redis_url is None or not all(urls):
        raise Unreachable(
            f"No installation runs on {data_dir}: start it, or copy the folder as a whole."
        )
    return settings.redis_url.get_secret_value(), _one_server([url for url in urls if url])


def _one_server(urls: list[str]) -> str:
    if len({urlsplit(url).netloc for url in urls}) > 1:
        raise Refused(
            "The databases are on several servers, of which no base backup is of one instant:"
            " docs/operations.md says what to do."
        )
    return with_database(urlunsplit(urlsplit(urls[0])._replace(scheme="postgresql")), MAINTENANCE)


def _copy_cluster(url: str, target: Path, reached: Callable[[float], None]) -> None:
    """As of the moment at which the copying ended.

    The password is handed over in the environment: arguments are for every user of the machine to
    read.
    """
    parts = urlsplit(url)
    account = f"{quote(unquote(parts.username or ''))}@" if parts.username else ""
    named = urlunsplit(parts._replace(netloc=f"{account}{parts.netloc.rpartition('@')[2]}"))
    program = wheel_programs().postgres / "bin" / "pg_basebackup"
    why = followed(
        (
            *(str(program), "--dbname", named, "--pgdata", str(target), "--progress"),
            *("--checkpoint=fast", "--wal-method=stream", "--no-password"),
        ),
        {
            **{name: value for name, value in os.environ.items() if name.startswith("PGSSL")},
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "PGPASSWORD": unquote(parts.password or ""),
        },
        reached,
    )
    if why is not None:
        raise Refused(f"PostgreSQL could not be copied: {why}.")
