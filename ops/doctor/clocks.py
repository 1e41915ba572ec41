"""How far the clocks are apart: of this machine, of Redis, of PostgreSQL."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import redis

from ops.doctor.finding import Finding, fail, ok, warn
from ops.doctor.redis_server import client_of
from ops.redis.question import server_of

NOTICEABLE_SECONDS, WRONG_SECONDS = 1.0, 30.0
ADVICE = "Let one time server keep both machines: tokens and deadlines are measured by them."


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server's clock said between two looks at this machine's, in seconds."""

    whose: str
    before: float
    there: float
    after: float

    @property
    def ahead(self) -> float:
        """By how much it is ahead of this machine for certain; what the way takes is not its."""
        if self.there > self.after:
            return self.there - self.after
        return min(self.there - self.before, 0.0)


def of_redis(url: str) -> Reading | None:
    """None when it does not answer, which another line says."""
    try:
        with client_of(url) as client:
            before = time.time()
            said: Any = client.time()
            return Reading(
                f"Redis at {server_of(url)}", before, said[0] + said[1] / 1e6, time.time()
            )
    except (redis.RedisError, OSError):
        return None


def differences(readings: Iterable[Reading]) -> Iterator[Finding]:
    """A line for each clock that was read."""
    for one in readings:
        apart = abs(one.ahead)
        said = f"{one.whose} is {apart:.1f} s {'ahead' if one.ahead > 0 else 'behind'}"
        if apart > WRONG_SECONDS:
            yield fail("clocks", said, ADVICE)
        elif apart > NOTICEABLE_SECONDS:
            yield warn("clocks", said, ADVICE)
        else:
            yield ok("clocks", f"{one.whose} and this machine agree to a second")
