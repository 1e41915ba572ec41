"""Places at which a process kills itself when FAIL_POINT says so, to prove that nothing is lost."""

import os
import signal

_passed: dict[str, int] = {}


def parse(text: str) -> tuple[str, int, str]:
    """`<name>[:<nth>][@<role>]` as name, nth (1 by default) and role ("" for any)."""
    name, _, role = text.partition("@")
    name, _, nth = name.partition(":")
    return name, int(nth) if nth else 1, role


class FailPoints:
    """Knows the one place of this process, if there is one; refused in production."""

    def __init__(self, text: str, role: str, environment: str) -> None:
        name, self._nth, wanted = parse(text)
        if text and environment == "production":
            raise ValueError("FAIL_POINT is refused in production")
        self._name = name if wanted in ("", role) else ""

    def passing(self, name: str) -> None:
        """Called at the place `name`; does not return when it is the one."""
        if name != self._name:
            return
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)
