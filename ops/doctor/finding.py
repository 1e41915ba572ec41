"""One line of what the doctor says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and one sentence of advice where it is not well.

    `skip` is what could not be looked at, with the reason.
    """

    about: str
    state: State
    said: str
    advice: str = ""


def ok(about: str, said: str) -> Finding:
    return Finding(about, "ok", said)


def warn(about: str, said: str, advice: str) -> Finding:
    return Finding(about, "warn", said, advice)


def fail(about: str, said: str, advice: str) -> Finding:
    return Finding(about, "fail", said, advice)


def skip(about: str, reason: str) -> Finding:
    return Finding(about, "skip", reason)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed."""
    return all(one.state != "fail" for one in findings)
