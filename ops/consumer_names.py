"""The name under which a process reads streams: one of its own, and the same after a restart.

What a process had read and not finished is worked off by the next one of that name. Two that have
one name at the same time would each take up what the other has in hand: the inbox makes that
harmless, and it is still work done twice.
"""

import errno
import fcntl
import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import redis

from contracts.wire.streams import INSTANCE
from ops.errors import Taken

# A reader asks at least once a second; longer than this, and nobody reads under the name.
SILENT_SECONDS = 3.0
LOOK_SECONDS = 0.25
ANSWER_SECONDS = 2.0
MOST_OF_A_NAME = 99
ROOM_FOR_NUMBER = 3
LONGEST = 64

Group = tuple[str, str]


def default_name(*words: str) -> str:
    """The words and this machine's name, as far as a name may be long."""
    host = socket.gethostname().partition(".")[0]
    said = "-".join((*words, host)).lower()
    return re.sub(r"[^a-z0-9.-]+", "-", said)[: LONGEST - ROOM_FOR_NUMBER].rstrip("-.")


def is_name(text: str) -> bool:
    return bool(INSTANCE.match(text))


def own_name(
    name: str, data_dir: Path, redis_url: str, groups: Iterable[Group], *, numbered: bool
) -> str:
    """The name, when nobody reads these groups under it; else, where `numbered`, the first of
    name-2, name-3 … of which that is true, and Taken where not.

    One who has just died still seems to read, so that it takes up to SILENT_SECONDS to know. A
    Redis that does not answer says nothing: the process itself will wait for it.
    """
    readers = Readers(redis_url, tuple(groups))
    for number in range(1, MOST_OF_A_NAME + 1):
        candidate = name if number == 1 else f"{name}-{number}"
        if not readers.read_as(candidate) and _held(candidate, data_dir):
            return candidate
        if not numbered:
            raise Taken(
                f"A process reads under the name {name} already: give this one another with --name."
            )
    raise Taken(f"{MOST_OF_A_NAME} processes read as {name}: give this one a name with --name.")


def _held(name: str, data_dir: Path) -> bool:
    """Whether the name is this process's on this data folder, until it ends, whatever it becomes.

    Of two that start at once, Redis has heard of neither. Where there is no such folder, as in a
    container, the machine's name is the process's alone.
    """
    folder = data_dir / "names"
    try:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    except (FileNotFoundError, PermissionError):
        return True
    except OSError as wrong:
        if wrong.errno == errno.EROFS:
            return True
        raise
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    # It stays open through exec: the lock ends with the process.
    os.set_inheritable(descriptor, True)
    return True


class Readers:
    """Who reads some groups at present, by what Redis says of their consumers."""

    def __init__(
        self,
        redis_url: str,
        groups: tuple[Group, ...],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = redis.Redis.from_url(
            redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._groups = groups
        self._sleep = sleep

    def read_as(self, name: str) -> bool:
        """Whether a process reads under this name."""
        return any(self._reads(group, name) for group in self._groups)

    def others_than(self, name: str) -> list[str]:
        """The other names under which a process reads."""
        known = {one for group in self._groups for one in self._silence(group)}
        return sorted(one for one in known - {name} if self.read_as(one))

    def _reads(self, group: Group, name: str) -> bool:
        before = self._silence(group).get(name)
        while before is not None and before < SILENT_SECONDS:
            self._sleep(LOOK_SECONDS)
            now = self._silence(group).get(name)
            if now is not None and now < before:
                return True
            before = now
        return False

    def _silence(self, group: Group) -> Mapping[str, float]:
        """For each consumer, how many seconds ago it asked for entries."""
        try:
            found: Any = self._client.xinfo_consumers(*group)
        except redis.ResponseError:
            # No such stream or group: nobody reads it.
            return {}
        except redis.RedisError:
            return {}
        return {one["name"].decode(): one["idle"] / 1000 for one in found}
