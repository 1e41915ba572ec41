"""A part together with the process that is it at present."""

import asyncio
import os
import re
import signal
import subprocess
from collections import deque
from dataclasses import dataclass, field

from ops.part import Part
from ops.process_table import Known

LAST_LINES_SECONDS = 0.5
FATAL = re.compile(r"(?:FATAL|PANIC):\s+(.+)")


@dataclass(slots=True)
class Running:
    """A part and the process that is it at present."""

    part: Part
    process: subprocess.Popen[bytes]
    known: Known
    started_at: float
    exited: asyncio.Event = field(default_factory=asyncio.Event)
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=20))

    @property
    def status(self) -> str:
        code = self.process.returncode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit status {code}"

    @property
    def last_words(self) -> str:
        """Why it ended, as far as it said so: its last fatal line, else its last line."""
        said = [line.strip() for line in self.last_lines if line.strip()]
        fatal = [found.group(1) for line in said if (found := FATAL.search(line))]
        return (fatal or said or [""])[-1]

    async def ended(self) -> None:
        """It has exited, and what it said before is read."""
        await self.exited.wait()
        try:
            # A child of its own may hold the pipe open for longer.
            async with asyncio.timeout(LAST_LINES_SECONDS):
                await self.silent.wait()
        except TimeoutError:
            return

    def send(self, number: signal.Signals) -> None:
        """To the process itself; what it started is its own to stop."""
        if self.process.returncode is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Nothing is left of the process's session that did not open one of its own."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # The group is empty (macOS says so by EPERM for a group of zombies).
            return
