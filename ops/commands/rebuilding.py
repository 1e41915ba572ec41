"""`rebuild`: what subscribers made of events, made again."""

import click

from ops.alone import Alone
from ops.commands.book import examples
from ops.commands.processes import replace_this_process
from ops.commands.task import Task, pass_task

REBUILT = ("audit", "billing", "report")


@click.command(
    epilog=examples("""
        slotstream rebuild billing
        slotstream rebuild report audit --whatever-is-kept
    """)
)
@click.argument("which", nargs=-1, required=True, type=click.Choice(REBUILT))
@click.option(
    "--whatever-is-kept",
    "whatever",
    is_flag=True,
    help="Also where not every event is kept any more: what those said will be missing.",
)
@pass_task
def rebuild(task: Task, which: tuple[str, ...], *, whatever: bool) -> None:
    """Make bills, reports, or what the audit trail lacks again, from the events that are kept.

    While an installation runs, or with servers that are given. Mails and webhooks are not sent
    again.
    """
    alone = Alone(task.part_settings, task.environment, task.programs, task.data_path)
    words = (*dict.fromkeys(which), *(("--whatever-is-kept",) if whatever else ()))
    replace_this_process(alone.lineup(alone.databases).rebuild(words))
