"""METRICS_PORT: one after the other in a run, as it is for a process that is started by itself."""

import socket
from pathlib import Path

import pytest

from ops.errors import StartupError, Taken
from ops.keys import SigningKeys
from ops.lineup import Lineup
from ops.metrics_ports import metrics_urls, with_metrics_ports
from ops.settings import Settings
from tests.installation import free_ports


def lineup(**said: str) -> Lineup:
    keys = SigningKeys(Path("private"), Path("public"))
    return Lineup(Settings.read(said), said, "x" * 32, keys, "redis://nowhere", ())


def test_each_process_of_a_run_has_a_port_of_its_own() -> None:
    """Gateways first; what each is told is what endpoints.json says of it."""
    first = free_ports(6)
    told = {"GATEWAYS": "2", "WORKERS": "2", "METRICS_PORT": str(first)}
    found = with_metrics_ports(lineup(**told))
    names = ("gateway-1", "gateway-2", "handler-1", "handler-2", "relay-1", "subscriber-1")
    assert metrics_urls(found) == {
        name: f"http://127.0.0.1:{first + place}/metrics" for place, name in enumerate(names)
    }
    parts = (*found.gateways(), *found.handlers(), found.relay(), *found.subscribers())
    assert [part.environment["METRICS_PORT"] for part in parts] == [
        str(first + place) for place in range(6)
    ]


def test_contexts_apart_have_a_port_each() -> None:
    """Of twelve processes no two have the same."""
    told = {"PROCESS_PER_CONTEXT": "true", "METRICS_PORT": str(free_ports(12))}
    found = with_metrics_ports(lineup(**told))
    assert len(set(found.metrics_ports.values())) == 12
    assert {"handler-ingress-1", "subscriber-billing"} <= {*found.metrics_ports}


def test_a_process_by_itself_has_the_port_that_is_set() -> None:
    """In a container nobody else wants it."""
    found = lineup(GATEWAYS="2", METRICS_PORT="9464", METRICS_HOST="192.0.2.7")
    for part in (*found.gateways(), *found.handlers(), found.relay(), *found.subscribers()):
        assert part.environment["METRICS_PORT"] == "9464"
        assert part.environment["METRICS_HOST"] == "192.0.2.7"


def test_without_a_port_nobody_listens() -> None:
    """And there is nothing to say of it."""
    found = with_metrics_ports(lineup())
    assert metrics_urls(found) == {}
    assert {part.environment["METRICS_PORT"] for part in found.handlers()} == {"0"}


def test_a_port_that_is_taken_is_named_before_anything_starts() -> None:
    """With the process that would have had it; also where it is the gateway's own."""
    first = free_ports(4)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first + 2))
        other.listen()
        with pytest.raises(Taken, match=rf"Port {first + 2}, on which relay-1 .* METRICS_PORT"):
            with_metrics_ports(lineup(METRICS_PORT=str(first)))
    with pytest.raises(Taken, match="on which handler-1"):
        with_metrics_ports(lineup(METRICS_PORT=str(first), GATEWAY_PORT=str(first + 1)))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"METRICS_PORT": "65533"}, "4 processes need one each, up to 65536"),
        ({"METRICS_PORT": "20000", "METRICS_HOST": "192.0.2.1"}, "METRICS_HOST 192.0.2.1"),
        ({"METRICS_PORT": "many"}, "METRICS_PORT cannot be used"),
    ],
)
def test_what_cannot_be_is_one_sentence(said: dict[str, str], sentence: str) -> None:
    """Before anything starts."""
    with pytest.raises(StartupError, match=sentence):
        with_metrics_ports(lineup(**said))
