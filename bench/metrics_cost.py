"""What counting costs: of a request at the gateway, and of a message in a handler.

    python -m bench.metrics_cost [requests]

Asks a gateway in this process for /health, by turns with metrics and without them, and shows the
medians of a hundred rounds and their ratio; then what is counted of one message, by itself. Without
a network, so that the share is the largest that it can be.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.wire.reply import Reply
from gateway.app import build_app
from gateway.edge.doorway import Doorway
from gateway.edge.metrics import GatewayMetrics
from gateway.edge.parts import build_parts
from gateway.edge.visit import Visit
from handlers.delivery.commands import Carried
from handlers.delivery.entries import Entry
from handlers.delivery.metrics import ProcessMetrics
from tests.gateway.house import settings_for
from tests.gateway.signer import Signer

ROUNDS = 100
SCOPE: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/health",
    "raw_path": b"/health",
    "query_string": b"",
    "headers": [(b"host", b"gateway"), (b"user-agent", b"bench"), (b"accept", b"*/*")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 8000),
    "root_path": "",
    "scheme": "http",
}


class Uncounted(GatewayMetrics):
    """Where nothing is counted."""

    def answered(self, visit: Visit, template: str, status: int) -> None:
        """Nothing happens."""


async def receive() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(_: Any) -> None:
    """Nobody reads it."""


async def asked(door: Doorway, count: int) -> float:
    """Microseconds that one request took."""
    begun = time.perf_counter()
    for _ in range(count):
        scope: Any = dict(SCOPE, state={})
        await door(scope, receive, send)
    return (time.perf_counter() - begun) / count * 1e6


async def of_requests(folder: Path, count: int) -> None:
    settings = settings_for("redis://127.0.0.1:1", Signer(folder / "jwks.json").jwks_file)
    with_metrics = build_app(settings, build_parts(settings))
    premises = replace(with_metrics.premises, metrics=Uncounted())
    without = Doorway(with_metrics.app, premises)
    took: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(ROUNDS):
        took["without"].append(await asked(without, count // ROUNDS))
        took["with"].append(await asked(with_metrics, count // ROUNDS))
    counted, bare = (statistics.median(took[which]) for which in ("with", "without"))
    each = statistics.median(a / b for a, b in zip(took["with"], took["without"], strict=True))
    print(f"a request: {bare:.1f} µs, with metrics {counted:.1f} µs; ratio {each:.3f}")


def of_messages(count: int) -> None:
    metrics = ProcessMetrics().of_context("note", {"note.add"})
    entry = Entry("note.commands", "note", "1-0", {})
    carried = Carried(b"{}", said=Reply(201, {}))

    def one() -> None:
        metrics.delivered(entry)
        with metrics.timed("note.add"):
            metrics.carried("note.add", carried)

    print(f"a message: {_each(one, count):.1f} µs")


def _each(does: Callable[[], None], count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        does()
    return (time.perf_counter() - begun) / count * 1e6


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(of_requests(Path(folder), count))
    of_messages(count)


if __name__ == "__main__":
    main()
