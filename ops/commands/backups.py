"""`backup`: a running installation into a folder, and from there into an empty one."""

from pathlib import Path

import click

from ops.backup.restoring import restore as bring_back
from ops.backup.taking import take as take_all
from ops.commands.book import examples
from ops.commands.task import Task, pass_task

folder = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))


@click.group()
def backup() -> None:
    """Databases, streams and secrets, as they belong together."""


@backup.command(epilog=examples('slotstream backup take "$HOME/backup"'))
@folder
@pass_task
def take(task: Task, folder: Path) -> None:
    """Back a running installation up into FOLDER, which is not there yet.

    An image of Redis first, then the PostgreSQL server as a whole, then the secrets; everything
    goes on meanwhile. What is in the folder is as secret as all of that.
    """
    chosen = folder.expanduser().resolve()
    take_all(task.given, task.data_path, chosen)
    print(f"backed up to {chosen}: it holds every secret, so keep it like one")


@backup.command(epilog=examples('slotstream backup restore "$HOME/backup"'))
@folder
@pass_task
def restore(task: Task, folder: Path) -> None:
    """Bring FOLDER back into DATA_DIR, which is not there yet.

    Nothing is placed before all files are what they were. Then start it as always.
    """
    made_at = bring_back(task.given, task.data_path, folder.expanduser().resolve())
    print(f"{task.data_path} is as of {made_at}; start it as always")
