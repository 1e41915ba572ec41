"""How far it is: a bar on a terminal, nothing where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.tenants.tables import MOVING

TABLES = sum(map(len, MOVING.values()))


@contextmanager
def progress(what: str) -> Iterator[Callable[[str, int], None]]:
    """To be told of each table and its rows; the bar counts tables, and is gone at the end."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[table]} {task.fields[rows]} rows"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        bar = bars.add_task(what, total=TABLES, table="", rows=0)
        seen: dict[str, int] = {}

        def say(table: str, rows: int) -> None:
            seen[table] = seen.get(table, 0) + rows
            bars.update(bar, completed=len(seen), table=table, rows=sum(seen.values()))

        yield say
