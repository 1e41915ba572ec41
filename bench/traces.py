"""What a command and a request cost where their spans are told to a collector, and where not.

    python -m bench.traces [rounds]

Starts a PostgreSQL, a Redis and a collector in a process of its own, and takes commands through a
handler's intake, and requests through a gateway, 50 at a time and in turn: where nobody traces,
where the client wants nothing kept, and where all is kept. What is shown is CPU time of this
process, its exporting thread included, as the ratio of medians to where nobody traces; and what is
left of tracing there, beside the same.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from contracts.wire.identity import new_id
from contracts.wire.tracing import next_traceparent
from journal.collector import Collector
from journal.messages import Working
from journal.spans import TRACING, Recorder, stop_tracing
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.conftest import fresh_database
from tests.integration.delivery.line import Line
from tests.integration.postgres import Databases

AT_A_TIME = 50
COLLECTOR = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
"""
Times = dict[str, list[float]]


async def measured(times: Times, kind: str, do: Callable[[], Awaitable[None]]) -> None:
    """CPU seconds of one of so many."""
    begun = time.process_time()
    await do()
    times.setdefault(kind, []).append((time.process_time() - begun) / AT_A_TIME)


async def commands(line: Line, tenant_id: UUID, traceparent: Callable[[], str]) -> None:
    for _ in range(AT_A_TIME):
        await line.publish(line.command(tenant_id, traceparent=traceparent()))
    await asyncio.gather(*(line.intake.take(entry) for entry in await line.read()))


async def requests(house: House, traceparent: Callable[[], str]) -> None:
    for _ in range(AT_A_TIME):
        headers = {"traceparent": traceparent()}
        await house.call("GET", "/resources/", "resource:read", headers=headers)


def unwanted() -> str:
    return next_traceparent()[:-1] + "0"


def show(name: str, times: Times) -> None:
    least = statistics.median(times["nobody traces"])
    print(f"\n{name}, where nobody traces: {least * 1e6:.0f} µs of CPU")
    for kind, found in times.items():
        print(f"  {kind:<28} {statistics.median(found) / least:.2f}")


def left_over(line: Line, tenant_id: UUID, least: float) -> None:
    """The hook around a message where nobody traces, which knows whose work it is for the log."""
    message, count = line.command(tenant_id), 20_000
    begun = time.process_time()
    for _ in range(count):
        with Working("note.commands", "note", message):
            pass
    each = (time.process_time() - begun) / count
    print(f"  {'the hook that is left':<28} {each / least:.4f} ({each * 1e6:.1f} µs)")


async def run(databases: Databases, valkey: ValkeyServer, url: str, rounds: int) -> None:
    tenant_id = new_id()
    plain = Line(valkey.url, await fresh_database(databases))
    await plain.open()
    Collector(url, "", "bench", 1.0).trace("handler", "handler-1")
    recorder: Recorder | None = TRACING.recorder
    # Made by a process that traces, so that its statements are spans.
    traced = Line(valkey.url, plain.database)
    by_message: Times = {}
    by_request: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        async with opened(valkey.url, Path(folder)) as house:
            for _ in range(rounds):
                for kind, line, watching, begun in (
                    ("nobody traces", plain, None, next_traceparent),
                    ("the client wants none kept", traced, recorder, unwanted),
                    ("all is kept", traced, recorder, next_traceparent),
                ):
                    TRACING.recorder = watching
                    await measured(by_message, kind, lambda: commands(line, tenant_id, begun))  # noqa: B023
                    await measured(by_request, kind, lambda: requests(house, begun))  # noqa: B023
    show("a command", by_message)
    TRACING.recorder = None
    left_over(plain, tenant_id, statistics.median(by_message["nobody traces"]))
    show("a request", by_request)
    TRACING.recorder = recorder
    stop_tracing()
    await plain.close()
    await traced.close()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    collector = subprocess.Popen([sys.executable, "-c", COLLECTOR], stdout=subprocess.PIPE)
    databases, valkey = Databases(), ValkeyServer()
    try:
        assert collector.stdout is not None
        port = int(collector.stdout.readline())
        valkey.start()
        databases.start()
        asyncio.run(run(databases, valkey, f"http://127.0.0.1:{port}", rounds))
    finally:
        collector.kill()
        collector.wait()
        databases.stop()
        valkey.remove()


if __name__ == "__main__":
    main()
