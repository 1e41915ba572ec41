"""`run`: everything at once, under one supervisor."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import click

from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.installation import Installation
from ops.leftovers import exclusive
from ops.log_lines import LogPrinter
from ops.settings import Settings

Work = Callable[[Installation], Coroutine[Any, Any, None]]


@click.command(
    epilog=examples("""
        slotstream run
        GATEWAY_PORT=8080 WORKERS=4 slotstream run
        DATABASE_URL=postgresql://… REDIS_URL=redis://… slotstream run
    """)
)
@pass_task
def run(task: Task) -> None:
    """Start everything, until Ctrl-C or SIGTERM.

    PostgreSQL and Redis are started too, unless DATABASE_URL and REDIS_URL name others. What dies
    is started again. One run at a time uses a DATA_DIR.
    """
    with_installation(task, task.settings, lambda installation: installation.run())


def with_installation(task: Task, settings: Settings, work: Work) -> None:
    """The work has been done on an installation that has DATA_DIR to itself."""
    data_dir = task.data_dir
    log = LogPrinter(settings.format_of_logs)

    async def main() -> None:
        await work(Installation(settings, task.environment, task.programs, log, data_dir))

    try:
        with exclusive(data_dir):
            asyncio.run(main())
    finally:
        log.close()
