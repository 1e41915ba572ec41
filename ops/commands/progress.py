"""How far a long piece of work is: a bar at a terminal, one line a step elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass
class Steps:
    """How many of the steps are done."""

    total: int
    bar: Progress | None = None
    done: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._row = None if self.bar is None else self.bar.add_task("", total=self.total)

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[float], None]]:
        """This is under way; it counts as done when the block ends well. A block that knows which
        share of it is done, 0 to 1, tells what it is given."""
        if self.bar is not None and self._row is not None:
            self.bar.update(self._row, description=what)
        else:
            print(f"slotstream: [{self.done + 1}/{self.total}] {what}", file=sys.stderr, flush=True)
        yield self._reached
        self.done += 1
        self._reached(0.0)

    def _reached(self, share: float) -> None:
        if self.bar is not None and self._row is not None:
            self.bar.update(self._row, completed=self.done + share)


@contextmanager
def steps(total: int) -> Iterator[Steps]:
    """So many steps, shown on standard error while the block runs."""
    if not sys.stderr.isatty():
        yield Steps(total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Steps(total, bar)
