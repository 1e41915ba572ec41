"""The servers of the run that holds DATA_DIR, for commands beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from ops.errors import Taken

OWN_USER = "slotstream"


def running_databases(data_dir: Path) -> Mapping[str, str]:
    """The administrator's URLs of the run that holds the folder."""
    try:
        found = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
        return dict(found["databases"])
    except (OSError, ValueError, KeyError) as wrong:
        raise Taken(f"Another run uses {data_dir} and is not up yet: try again.") from wrong


def told_endpoints(data_dir: Path) -> Mapping[str, Any] | None:
    """What the run says of itself; None where none is up."""
    try:
        found = json.loads((data_dir / "endpoints.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def own_redis(told: Mapping[str, Any], data_dir: Path) -> str:
    """The URL with which our own processes use the run's Redis.

    The file holds the administrator's, where the server is the run's own; their user's password
    lies beside it.
    """
    url = str(told["redis"])
    if told["processes"]["redis"] is None:
        return url
    secret = (data_dir / "secrets" / "redis_slotstream").read_text(encoding="ascii").strip()
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{OWN_USER}:{quote(secret)}@{host}"))
