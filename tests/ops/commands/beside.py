"""A command that runs in the foreground, beside whatever else runs."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from ops.part import end_with_parent
from tests.installation import ROOT
from tests.waiting import wait_until

# Deadlines, not durations: a busy machine starts a process slowly.
STOP_SECONDS = 40.0
START_SECONDS = 120.0


class Beside:
    """Started by `with`; what it says lies in a file, and it is gone at the end."""

    def __init__(self, words: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self._words = words
        self._environment = environment
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                (sys.executable, *self._words),
                cwd=ROOT,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - only calls prctl
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str, within_seconds: float = START_SECONDS) -> None:
        """It has said so; fails at once when it ends without."""

        def has_said() -> bool:
            assert self.process is not None
            ended = self.process.poll() is not None
            said = text in self.said
            assert said or not ended, self.said
            return said

        wait_until(has_said, within_seconds)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def ended(self, within_seconds: float = STOP_SECONDS) -> int:
        """The exit status, once there is one."""
        assert self.process is not None
        return self.process.wait(within_seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status after the signal."""
        self.send(number)
        return self.ended()
