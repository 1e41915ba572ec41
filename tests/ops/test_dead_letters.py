"""`slotstream dead-letters`, as it is typed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis

from contracts.subscriber.audit import AuditNotice
from contracts.wire.codec import decode, encode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from handlers.app.preparing import SERVED
from handlers.delivery.dead_letters import dead_letter_steps
from handlers.delivery.entries import Entry
from ops.command_line import main
from ops.dead_letters.letters import BURYING
from tests.gateway.server import ValkeyServer

SALON, CLINIC = new_id(), new_id()
SEALED = "sealed:abcd0123:c2VjcmV0"


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    """One for all tests of this file."""
    found = ValkeyServer()
    found.start()
    yield found
    found.remove()


@pytest.fixture
def client(
    server: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator["redis.Redis"]:
    """That of the installation which commands are told of; it is empty."""
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setenv("ENV_FILE", "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with redis.Redis.from_url(server.url) as found:
        found.flushall()
        yield found


def bury(
    client: "redis.Redis",
    fields: dict[Any, Any] | None = None,
    *,
    tenant_id: UUID = SALON,
    reason: str = "too_many_deliveries",
    stream: str = "reservation.commands",
) -> str:
    """The id of a new dead letter, as the tool writes it."""
    made = fields or encode(
        Envelope(
            id=new_id(),
            type="booking.create",
            source="gateway/g",
            tenant_id=tenant_id,
            data=json.dumps({"notes": SEALED}).encode(),
        )
    )
    raw = {_bytes(name): _bytes(value) for name, value in made.items()}
    entry = Entry(stream, "reservation", "1764489600000-0", raw, 6)
    context = stream.partition(".")[0]
    found: Any = client.execute_command(*dead_letter_steps(entry, reason, "", 1764489600500)[0])
    return f"{context}/{found.decode()}"


def records(client: "redis.Redis") -> list[AuditNotice]:
    entries: Any = client.xrange("audit.commands")
    return [AuditNotice.model_validate_json(decode(fields).data) for _, fields in entries]


def test_whoever_buries_is_looked_for() -> None:
    """The tool reads the stream of each context that handlers serve."""
    assert set(BURYING) == set(SERVED)


def test_they_are_listed_without_what_is_in_them(
    client: "redis.Redis", capsys: pytest.CaptureFixture[str]
) -> None:
    """A line each, and how many of each reason; of another tenant's none where one is named."""
    mine, other = bury(client), bury(client, tenant_id=CLINIC, reason="unknown_type")
    assert main(["dead-letters", "list"]) == 0
    shown = capsys.readouterr().out
    assert mine in shown
    assert other in shown
    assert "2 dead letters: 1 too_many_deliveries, 1 unknown_type" in shown
    assert SEALED not in shown
    assert main(["dead-letters", "list", "--tenant", str(CLINIC), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    assert (document["id"], document["headers"]["tenantid"]) == (other, str(CLINIC))
    assert SEALED not in line
    assert main(["dead-letters", "list", "--since", "2d", "--count"]) == 0
    assert capsys.readouterr().out == "2\n"


def test_the_payload_is_shown_when_asked_for_and_that_is_recorded(
    client: "redis.Redis", capsys: pytest.CaptureFixture[str]
) -> None:
    """What is sealed stays sealed; whoever looked into it left a record."""
    name = bury(client)
    assert main(["dead-letters", "show", name]) == 0
    shown = capsys.readouterr().out
    assert "too_many_deliveries" in shown
    assert "bytes, with --payload" in shown
    assert SEALED not in shown
    assert not records(client)
    assert main(["dead-letters", "show", name, "--payload"]) == 0
    assert SEALED in capsys.readouterr().out
    assert [(one.event_type, one.subject) for one in records(client)] == [
        ("dead_letters.read", f"dead_letters/{name}")
    ]


def test_what_would_move_the_cursor_is_written_out(
    client: "redis.Redis", capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody's bytes may stand in an entry."""
    name = bury(client, {"type": "\x1b[2J[red]\u202e", b"\xff": "\x07"}, reason="invalid_type")
    assert main(["dead-letters", "list"]) == 0
    assert main(["dead-letters", "show", name, "--payload"]) == 0
    shown = capsys.readouterr().out
    assert "\\x1b[2J[red]\\u202e" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_a_replay_is_recorded(client: "redis.Redis", capsys: pytest.CaptureFixture[str]) -> None:
    """By the operator, how many, and by which filters; a dry run is not."""
    for _ in range(2):
        bury(client)
    bury(client, tenant_id=CLINIC)
    chosen = ["--tenant", str(SALON), "--type", "booking.create"]
    assert main(["dead-letters", "replay", *chosen, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("booking.create: would be replayed\n") == 2
    assert "2 would be sent" in shown
    assert not records(client)
    assert main(["dead-letters", "replay", *chosen]) == 0
    assert capsys.readouterr().out.endswith("2 sent\n")
    (record,) = records(client)
    assert (record.event_type, record.times) == ("dead_letters.replayed", 2)
    assert record.subject == "dead_letters/reservation"
    assert f"type=booking.create tenant={SALON}" in record.reason
    assert record.requested_by.actor.label == "system:operator"
    assert client.xlen("reservation.commands") == 2
    assert client.xlen("reservation.dead") == 1


def test_what_cannot_be_sent_is_said_and_stays(
    client: "redis.Redis", capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are sent; the exit status tells that not all were."""
    bury(client, {"type": "?"})
    question = bury(client, stream="reservation.queries")
    bury(client)
    assert main(["dead-letters", "replay", "--all"]) == 1
    shown = capsys.readouterr().out
    assert "not a message: --raw" in shown
    assert f"{question} booking.create: a question that nobody waits for" in shown
    assert shown.endswith("1 sent, 2 left\n")
    assert client.xlen("reservation.dead") == 2


def test_throwing_away_is_asked_about_and_recorded(
    client: "redis.Redis", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever does not say yes has thrown away nothing."""
    first, second = bury(client), bury(client)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    assert main(["dead-letters", "discard", first]) == 1
    assert client.xlen("reservation.dead") == 2
    assert not records(client)
    assert main(["dead-letters", "discard", first, "--yes"]) == 0
    assert main(["dead-letters", "discard", "--all", "--yes"]) == 0
    assert client.xlen("reservation.dead") == 0
    assert [(one.event_type, one.subject) for one in records(client)] == [
        ("dead_letters.discarded", f"dead_letters/{first}"),
        ("dead_letters.discarded", f"dead_letters/{second}"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("replay",),
        ("discard", "--yes"),
        ("show", "1764489600000-0"),
        ("show", "nowhere/1-0"),
        ("list", "--since", "yesterday"),
        ("list", "--tenant", "salon"),
        ("replay", "--all", "--rate", "0"),
    ],
)
def test_what_is_not_clear_is_refused(client: "redis.Redis", words: tuple[str, ...]) -> None:
    """Nobody means all of them by saying nothing; what cannot be read is a mistake in usage."""
    bury(client)
    assert main(["dead-letters", *words]) == 2
    assert client.xlen("reservation.dead") == 1


def test_where_nothing_runs_it_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, whether there is no Redis to ask or it does not answer."""
    monkeypatch.setenv("ENV_FILE", "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert main(["dead-letters", "list"]) == 1
    assert "no installation is up on" in capsys.readouterr().err
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert main(["dead-letters", "list"]) == 1
    assert "Redis at 127.0.0.1:1 cannot be used" in capsys.readouterr().err


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
