"""`prepare`: what has to be there before the first process of an installation."""

import asyncio
import subprocess

import click

from ops.alone import Alone
from ops.commands.book import examples
from ops.commands.progress import steps
from ops.commands.task import Task, pass_task
from ops.database import prepare_databases
from ops.errors import StartupError
from ops.keys import SigningKeys, kept_secret, signing_keys
from ops.part import Part
from ops.servers import wait_for_redis


@click.command(
    epilog=examples("""
        DATABASE_URL=postgresql://postgres:…@db/ REDIS_URL=redis://… slotstream prepare
    """)
)
@pass_task
def prepare(task: Task) -> None:
    """Make what the processes need, once before they start.

    The signing keys in DATA_DIR/keys where none are given, the roles and databases at their newest
    revision, streams and groups. It may run again at any time, and has to before a new version
    starts. It alone needs the database administrator's password; `slotstream run` does all of it
    by itself.
    """
    settings, seconds = task.part_settings, task.part_settings.start_timeout_seconds
    alone = Alone(settings, task.environment, task.programs, task.data_path)
    # Both are asked for before anything is made.
    databases, redis_url = alone.databases, alone.redis_url
    with steps(4) as under_way:
        with under_way.step("keys"):
            keys = _keys(task)
            if settings.secret_key is None:
                kept_secret(task.data_dir / "secrets", "secret_key")
            lineup = alone.lineup(databases, keys)
        with under_way.step("roles and databases"):
            asyncio.run(prepare_databases(databases, alone.secret_key, seconds, _say))
        with under_way.step("tables"):
            _finish(lineup.migrate(("upgrade",)), "The databases could not be migrated")
        with under_way.step("streams and groups"):
            asyncio.run(wait_for_redis(redis_url, seconds, _say))
            _finish(lineup.prepare_streams(), "The streams could not be prepared")
    click.echo("prepared: the processes may start")


def _keys(task: Task) -> SigningKeys:
    """Those that were given, else those in the folder, which are made when they are missing."""
    given = (task.part_settings.jwt_private_key_file, task.part_settings.jwt_jwks_file)
    kept = task.data_dir / "keys"
    found = SigningKeys(kept / "jwt_private_key.pem", kept / "jwks.json")
    if given == (None, None) and found.private_key_file.is_file() and found.jwks_file.is_file():
        # Written again, the set would lack a key that is being put in its place just now.
        return found
    return signing_keys(*given, kept)


def _finish(part: Part, complaint: str) -> None:
    done = subprocess.run(part.argv, env=dict(part.environment), cwd=part.folder, check=False)
    if done.returncode != 0:
        raise StartupError(f"{complaint}: the lines above say why.")


def _say(line: str) -> None:
    click.echo(f"slotstream: {line}", err=True)
