"""Without a collector nothing of OpenTelemetry is there; with one, spans reach it or are lost."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.wire.tracing import next_traceparent, span_id_of, trace_id_of
from journal.collector import VOICES, Collector
from journal.spans import TRACING, Span, stop_tracing
from tests.installation import free_port
from tests.log_output import written
from tests.otlp import collecting
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
# A process as it is before it serves, with all that it imports for that.
BEGUN = """
import json, sys
import gateway.__main__, handlers.__main__
from journal.collector import Collector
from journal.spans import TRACING
Collector(sys.argv[1], "", "slotstream", 1.0).trace("gateway", "gateway-1")
large = ("opentelemetry", "google", "requests")
found = [name for name, it in sys.modules.items() if it and name.partition(".")[0] in large]
print(json.dumps([TRACING.recorder is None, found]))
"""
# Ends while its collector takes the connection and says nothing.
LEFT_WAITING = """
import socket, sys
from contracts.wire.tracing import next_traceparent
from journal.collector import Collector
from journal.spans import Span, stop_tracing
listening = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{listening.getsockname()[1]}"
Collector(url, "", "slotstream", 1.0).trace("gateway", "gateway-1")
for _ in range(5000):
    Span("GET", "server", next_traceparent(), "", {}).end()
print("recorded", flush=True)
stop_tracing()
print("stopped", flush=True)
"""
# Below what one export may take, and far below what the SDK waits by itself.
ENDS_WITHIN = 4.0


def run(code: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9"])
def test_without_a_collector_opentelemetry_is_not_imported(endpoint: str) -> None:
    """By neither kind of process; with one, it is."""
    is_off, found = json.loads(run(BEGUN, endpoint))
    assert is_off == (not endpoint)
    assert bool(found) == bool(endpoint)


def test_spans_arrive_under_the_ids_that_they_have() -> None:
    """Own id, trace and parent; who they are of; headers as they were given, decoded."""
    own = next_traceparent()
    above = next_traceparent(own)
    with collecting() as collector:
        headers = "authorization=Bearer%20collectors, x-project = 7"
        Collector(f"{collector.url}/", headers, "shop", 1.0).trace("handler", "handler-2")
        try:
            Span("process", "consumer", own, above, {"db.namespace": "x"}).end()
            Span("begins", "server", above, "", {"slotstream.delivery": 3}).end("KeyError")
        finally:
            stop_tracing()
        # What leaves has a moment, and the process goes on.
        wait_until(lambda: len(collector.spans) == 2, 10)
    assert TRACING.recorder is None
    below, first = sorted(collector.spans, key=lambda span: span.name, reverse=True)
    assert (below.id, below.trace_id) == (span_id_of(own), trace_id_of(own))
    assert (below.parent_id, first.parent_id) == (span_id_of(above), "")
    assert (first.id, first.failed, below.failed) == (span_id_of(above), True, False)
    assert (below.kind, first.kind) == ("consumer", "server")
    assert (below.service, below.instance) == ("shop-handler", "handler-2")
    assert first.attributes == {"slotstream.delivery": 3, "error.type": "KeyError"}
    assert below.attributes == {"db.namespace": "x"}
    assert collector.headers["authorization"] == "Bearer collectors"
    assert collector.headers["x-project"] == "7"


def test_a_collector_that_says_nothing_holds_up_nobody(tmp_path: Path) -> None:
    """More spans than are kept waiting are taken from whoever records, and the process ends."""
    said = tmp_path / "said"
    words = (sys.executable, "-c", LEFT_WAITING)
    with said.open("wb") as out, subprocess.Popen(words, cwd=ROOT, stdout=out) as process:
        try:
            # Its start is no part of its end.
            wait_until(lambda: said.read_text() or process.poll() is not None, 60, every=0.01)
            assert process.wait(ENDS_WITHIN) == 0
        finally:
            process.kill()
    assert said.read_text() == "recorded\nstopped\n"


@pytest.fixture
def loud() -> Iterator[None]:
    """The SDK's voices, which are the whole process's, have said nothing yet; afterwards they are
    as they were, and no thread of the SDK still tries to send."""
    others = set(threading.enumerate())
    voices = [logging.getLogger(name) for name in VOICES]
    before = [voice.filters[:] for voice in voices]
    for voice in voices:
        voice.filters.clear()
    yield
    # Its pauses are random: drawn within a property of another test, Hypothesis takes them for its.
    wait_until(lambda: others.issuperset(threading.enumerate()), 30)
    for voice, filters in zip(voices, before, strict=True):
        voice.filters[:] = filters


@pytest.mark.usefixtures("loud")
def test_a_collector_that_is_away_is_one_line_in_the_log() -> None:
    """What cannot be sent is lost; whoever records is told nothing, and goes on."""
    with written("json") as log:
        Collector(f"http://127.0.0.1:{free_port()}", "", "slotstream", 1.0).trace("handler", "h")
        try:
            # A batch, which does not wait for others.
            for _ in range(512):
                Span("process", "consumer", next_traceparent(), "", {}).end()
            wait_until(log.getvalue, 10)
        finally:
            stop_tracing()
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert line["level"] in ("warning", "error")
    assert "Connection refused" in line["message"]
