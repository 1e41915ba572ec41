"""`DATA_DIR/endpoints.json`: where tools find the parts of a running installation."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ops.keys import write_privately

SEVERAL = ("gateway", "handler", "relay", "subscriber", "mirror")
SINGLE = ("redis", "postgres")


@dataclass(frozen=True, slots=True)
class PublisherAccess:
    """How one internal system reaches its stream."""

    redis: str
    stream: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What does not change while the installation runs; the URLs are an administrator's."""

    gateway: str
    redis: str
    databases: Mapping[str, str]
    publishers: Mapping[str, PublisherAccess]
    metrics: Mapping[str, str] = field(default_factory=dict)


def write_endpoints(path: Path, endpoints: Endpoints, pids: Callable[[str], list[int]]) -> None:
    """The file tells who runs now; null for a server that is not ours."""
    processes: dict[str, list[int] | int | None] = {role: pids(role) for role in SEVERAL}
    processes |= {role: next(iter(pids(role)), None) for role in SINGLE}
    content = {
        "gateway": endpoints.gateway,
        "redis": endpoints.redis,
        "databases": dict(endpoints.databases),
        "processes": processes,
        "publishers": {name: asdict(access) for name, access in endpoints.publishers.items()},
        # Of each process by its name; none where METRICS_PORT is not set.
        "metrics": dict(endpoints.metrics),
    }
    write_privately(path, json.dumps(content, indent=2).encode(), durable=False)
