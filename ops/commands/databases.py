"""`migrate` and `migration`: the databases' schema."""

import subprocess

import click

from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.commands.whole import with_installation
from ops.errors import StartupError, Taken
from ops.lineup import migration_part
from ops.running_servers import RunningServers
from ops.settings import CONTEXTS


@click.command(epilog=examples("slotstream migrate"))
@pass_task
def migrate(task: Task) -> None:
    """Bring every database to its newest revision.

    On the servers of the run that uses DATA_DIR, else on ones that are started for this alone and
    stopped again.
    """
    _change(task, ("upgrade", "--progress"))


@click.command(
    epilog=examples(
        """slotstream migration --context reservation --message "notes of a booking" """
    )
)
@click.option(
    "--context",
    required=True,
    type=click.Choice(CONTEXTS),
    help="Whose tables have changed in the code.",
)
@click.option("--message", required=True, help="What the revision does; it names the file.")
@pass_task
def migration(task: Task, context: str, message: str) -> None:
    """Write a new revision of one context.

    It holds what the tables in the code have and the database lacks: read it before it is used.
    """
    _change(task, ("revision", context, message))


def _change(task: Task, words: tuple[str, ...]) -> None:
    try:
        with_installation(
            task, task.part_settings, lambda installation: installation.migrate(words)
        )
    except Taken:
        databases = RunningServers.up(task.data_dir).databases
        program = (*task.programs["migrate"], *words)
        part = migration_part(databases, task.environment, program)
        done = subprocess.run(part.argv, env=dict(part.environment), cwd=part.folder, check=False)
        if done.returncode != 0:
            raise StartupError("The databases could not be changed.") from None
