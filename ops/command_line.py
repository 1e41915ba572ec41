"""The command line: `run`, `migrate`, `migration`, `keys rotate`."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.errors import StartupError, Taken
from ops.installation import Installation
from ops.kafka import refuse_incomplete
from ops.keys import rotate
from ops.leftovers import exclusive
from ops.lineup import PROGRAMS, migration_part
from ops.log_lines import LogPrinter
from ops.production import refuse_unsafe
from ops.settings import CONTEXTS, Settings, environment_of
from ops.trail import recorded

Work = Callable[[Installation], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Task:
    """What every command works with."""

    settings: Settings
    environment: Mapping[str, str]
    programs: Mapping[str, tuple[str, ...]]
    data_dir: Path


def main(arguments: Sequence[str], programs: Mapping[str, tuple[str, ...]] = PROGRAMS) -> int:
    """The exit status: 0 when asked to stop or done, 1 with one sentence on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        environment = environment_of(dict(os.environ))
        settings = Settings.read(environment)
        refuse_unsafe(settings)
        refuse_incomplete(settings)
        data_dir = _data_folder(settings.data_dir)
        chosen.act(chosen, Task(settings, environment, programs, data_dir))
    except StartupError as wrong:
        print(f"slotstream: {wrong.sentence}", file=sys.stderr)
        return 1
    except PermissionError as wrong:
        print(f"slotstream: this user may not use {wrong.filename}.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="Runs Slotstream.")
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser("run", help="start everything, until Ctrl-C or SIGTERM")
    run.set_defaults(act=_run)
    migrate = commands.add_parser("migrate", help="bring every database to its newest revision")
    migrate.set_defaults(act=_migrate)
    migration = commands.add_parser("migration", help="write a new revision of one context")
    migration.add_argument("--context", required=True, choices=CONTEXTS)
    migration.add_argument("--message", required=True)
    migration.set_defaults(act=_migration)
    keys = commands.add_parser("keys", help="the keys that tokens are signed with")
    acts = keys.add_subparsers(required=True, metavar="what")
    rotation = acts.add_parser(
        "rotate", help="sign with a new key, while an installation runs or not"
    )
    rotation.add_argument(
        "--revoke", action="store_true", help="the old key is in other hands: end what it signed"
    )
    rotation.set_defaults(act=_rotate)
    return parser


def _rotate(chosen: argparse.Namespace, task: Task) -> None:
    if task.settings.jwt_private_key_file is not None:
        raise StartupError(
            "JWT_PRIVATE_KEY_FILE names your own key: replace that file, and the set in"
            " JWT_JWKS_FILE before it; running processes follow both."
        )
    old, new = rotate(task.data_dir / "keys", revoke=chosen.revoke)
    print(f"tokens are signed with {new} from now on")
    print(f"{old} is {'revoked' if chosen.revoke else 'published while its tokens are good'}")
    done = "keys.revoked" if chosen.revoke else "keys.rotated"
    if not recorded(task.data_dir, done, f"key/{old}"):
        print("the audit trail does not say so: no installation runs on this folder")


def _run(_: argparse.Namespace, task: Task) -> None:
    _with_installation(task, lambda installation: installation.run())


def _migrate(_: argparse.Namespace, task: Task) -> None:
    _change_databases(task, ("upgrade",))


def _migration(chosen: argparse.Namespace, task: Task) -> None:
    _change_databases(task, ("revision", chosen.context, chosen.message))


def _change_databases(task: Task, words: tuple[str, ...]) -> None:
    """On the servers of the run that uses the folder, else on ones started for this alone."""
    try:
        _with_installation(task, lambda installation: installation.migrate(words))
    except Taken:
        program = (*task.programs["migrate"], *words)
        part = migration_part(_running_databases(task.data_dir), task.environment, program)
        done = subprocess.run(part.argv, env=dict(part.environment), cwd=part.folder, check=False)
        if done.returncode != 0:
            raise StartupError("The databases could not be changed.") from None


def _with_installation(task: Task, work: Work) -> None:
    log = LogPrinter(task.settings.format_of_logs)

    async def main() -> None:
        await work(Installation(task.settings, task.environment, task.programs, log, task.data_dir))

    try:
        with exclusive(task.data_dir):
            asyncio.run(main())
    finally:
        log.close()


def _data_folder(path: Path) -> Path:
    """DATA_DIR as an absolute path, made when it is not there."""
    absolute = path.expanduser().resolve()
    try:
        absolute.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise StartupError(f"DATA_DIR {absolute} cannot be made: {wrong.strerror}.") from wrong
    return absolute


def _running_databases(data_dir: Path) -> Mapping[str, str]:
    """The administrator's URLs of the run that holds the folder."""
    try:
        found = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
        return dict(found["databases"])
    except (OSError, ValueError, KeyError) as wrong:
        raise Taken(f"Another run uses {data_dir} and is not up yet: try again.") from wrong
