"""One stream of log lines out of many: whose line it is, and whole lines only."""

import asyncio
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Literal

from journal.lines import CONTROL, json_line, timestamp

LONGEST_LINE = 64 * 1024
WAITING_LINES = 10_000
NAME_WIDTH = 12
OWN_NAME = "slotstream"


class LogPrinter:
    """Prints from a thread of its own, so that a reader who stops reading stops nobody else.

    What waits longer than that reader's patience is dropped, and counted in a line of its own.
    """

    def __init__(self, style: Literal["text", "json"], output: IO[str] | None = None) -> None:
        self._style = style
        self._output = output or sys.stdout
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING_LINES)
        self._dropped = 0
        self._thread = threading.Thread(target=self._print, name="log", daemon=True)
        self._thread.start()

    def say(self, sentence: str, level: str = "info") -> None:
        """A line of the supervisor itself."""
        self._put(self._formed(OWN_NAME, sentence, level))

    def line(self, name: str, text: str) -> None:
        """A line of a part. One that is a JSON object already stands as it is in the JSON style."""
        if self._style == "json" and text.startswith("{") and text.endswith("}"):
            self._put(text)
        else:
            self._put(self._formed(name, text, "info"))

    def close(self, seconds: float = 2.0) -> None:
        """All lines are out, unless nobody reads them."""
        try:
            self._lines.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(seconds)

    def _formed(self, name: str, text: str, level: str) -> str:
        if self._style == "json":
            told = {"time": timestamp(), "level": level, "part": name, "message": text}
            return json_line(told)
        return f"{name:<{NAME_WIDTH}} | {text.translate(CONTROL)}"

    def _put(self, line: str) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                line = (
                    f"{self._formed(OWN_NAME, f'{dropped} log lines dropped', 'warning')}\n{line}"
                )
            try:
                self._output.write(f"{line}\n")
                if self._lines.empty():
                    self._output.flush()
            except (OSError, ValueError):
                # Nobody reads any more; the installation goes on all the same.
                continue


class LineReader(asyncio.Protocol):
    """Cuts what a part writes into lines and keeps the last ones for the sentence when it fails."""

    def __init__(
        self, take: Callable[[str], None], kept: deque[str], silent: asyncio.Event
    ) -> None:
        self._take = take
        self._kept = kept
        self._silent = silent
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._emit(line)
        if len(self._rest) > LONGEST_LINE:
            self._emit(self._rest)
            self._rest = b""

    def connection_lost(self, _: Exception | None) -> None:
        if self._rest:
            self._emit(self._rest)
            self._rest = b""
        self._silent.set()

    def _emit(self, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace").rstrip("\r")
        self._kept.append(text)
        self._take(text)
