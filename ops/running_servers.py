"""The servers of the run that holds DATA_DIR, for what works beside it."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from ops.errors import Damaged, Taken

OWN_USER = "slotstream"


@dataclass(frozen=True, slots=True)
class RunningServers:
    """What `endpoints.json` says of a run that is up."""

    gateway: str
    administrators_redis: str
    own_redis: str
    databases: dict[str, str]
    processes: dict[str, Any]

    @classmethod
    def of(cls, data_dir: Path) -> Self | None:
        """None where nothing runs on the folder, or what runs is not up yet."""
        if not is_held(data_dir):
            return None
        try:
            told = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
            return cls(
                gateway=told["gateway"],
                administrators_redis=told["redis"],
                own_redis=_own_redis(told, data_dir),
                databases=dict(told["databases"]),
                processes=dict(told["processes"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def up(cls, data_dir: Path) -> Self:
        """The run that somebody else has on the folder; Taken while it starts or stops."""
        found = cls.of(data_dir)
        if found is None:
            raise Taken(f"Another run uses {data_dir} and is not up yet: try again.")
        return found


def is_held(data_dir: Path) -> bool:
    """Whether a run, or a command that works on the folder alone, has its lock."""
    try:
        descriptor = os.open(data_dir / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _own_redis(told: dict[str, Any], data_dir: Path) -> str:
    """The file holds the administrator's URL of a server that is the run's own; the password of our
    processes' user lies beside it."""
    url = str(told["redis"])
    if told["processes"]["redis"] is None:
        return url
    path = data_dir / "secrets" / "redis_slotstream"
    try:
        secret = path.read_text(encoding="ascii").strip()
    except FileNotFoundError as wrong:
        raise Damaged(f"{path} is gone: restore it from a backup.") from wrong
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{OWN_USER}:{quote(secret)}@{host}"))
