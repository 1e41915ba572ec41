"""docs/architecture.md against the code that it describes."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.catalogue import COMMANDS, EVENTS, QUERIES
from contracts.wire.codec import encode
from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.streams import CONTEXTS, PUBLISHING, commands_of, events_of, queries_of
from handlers.__main__ import ROLES
from handlers.app import preparing
from handlers.delivery.settings import ProcessSettings
from ops.database import ROLES as DATABASE_ROLES
from ops.lineup import PROGRAMS
from ops.supervisor import STOPPING

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`]+)`")
DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
# `booking.create`, `replies.{gateway}`; a file's name is none.
DOTTED = re.compile(r"(?<![\w/{}.])[a-z_]+(?:\.(?:[a-z_]+|\{[a-z]+\}|\*))+(?![\w/])")
# Answered by every context about itself; a stream of development alone; fields of a dead letter.
BESIDE = {"operation.get", "dev.mailbox", "raw.*"}
PLACEHOLDERS = re.compile(r"\{(gateway|instance|publisher)\}|\*")
# Who takes part in a sequence, by the first words that say who it is.
TAKE_PART = (
    *("client", "machine", "internal system", "endpoint", "supervisor", "ingress worker"),
    *("another relay", "sweeper", "Redis", "PostgreSQL", *PROGRAMS, *CONTEXTS),
)


def rows(heading: str) -> list[list[str]]:
    """The cells of all tables below a heading, without the tables' first rows."""
    below = TEXT.partition(f"# {heading}\n")[2]
    section = re.split(r"^#+ ", below, maxsplit=1, flags=re.MULTILINE)[0]
    found = []
    for line in section.splitlines():
        if line.startswith(("| `", "| the ")):
            cells = line.replace("\\|", "/").strip("|").split("|")
            found.append([cell.strip() for cell in cells])
    return found


def streams() -> set[str]:
    """The streams of the table, as it writes them."""
    return {stream for row in rows("Streams and groups") for stream in codes(row[0])}


def dotted(text: str) -> set[str]:
    return {found for found in DOTTED.findall(text) if not found.endswith((".py", ".md"))}


def unknown(names: set[str]) -> set[str]:
    """Those that are neither a message's type nor a stream."""
    known = {*COMMANDS, *QUERIES, *EVENTS, *BESIDE}
    shapes = [re.escape(stream) for stream in streams()]
    shapes = [re.sub(r"\\\{[a-z]+\\\}", r"(\\{[a-z]+\\}|[a-z*]+)", shape) for shape in shapes]
    shapes += [r"(\{context\}|\*)\.(commands|queries|events)"]
    one = re.compile("|".join(f"(?:{shape})" for shape in shapes))
    return {name for name in names - known if not one.fullmatch(name)}


def test_diagrams_name_what_there_is() -> None:
    """Every message type and every stream in a diagram exists, under that name."""
    named = set().union(*map(dotted, DIAGRAMS))
    assert len(named) > 30
    assert unknown(named) == set()


def test_the_text_names_what_there_is() -> None:
    """Every message type and every stream that the text names exists."""
    named = {name for code in codes(PROSE) for name in dotted(code) if name == code}
    assert len(named) > 150
    assert unknown(named) == set()


def test_an_invented_name_is_found() -> None:
    """The search above knows a name that nobody has from one that there is."""
    line = "H->>R: XADD reservation.commands booking.vanish, then XADD {context}.events"
    assert unknown(dotted(line)) == {"booking.vanish"}


def test_everything_is_named_in_the_text() -> None:
    """Every message type, and every stream of a context or subscriber, stands in the document."""
    named = codes(PROSE)
    assert {*COMMANDS, *QUERIES, *EVENTS} <= named
    work = {message.context for message in (*COMMANDS.values(), *QUERIES.values())}
    assert {commands_of(one) for one in work} | {queries_of(one) for one in work} <= streams()
    assert {events_of(context) for context in PUBLISHING} <= streams()


def test_who_takes_part_exists() -> None:
    """Whoever takes part in a sequence is a process, a context, a store, or somebody outside."""
    labels = re.findall(r"^  participant \w+ as (.+)$", TEXT, re.MULTILINE)
    assert len(labels) > 40
    assert [label for label in labels if not label.startswith(TAKE_PART)] == []


def test_components_are_files() -> None:
    """Every component of a process is the file that it says."""
    components = re.findall(r'^    Component\(\w+, "[^"]+", "([^"]+)"', TEXT, re.MULTILINE)
    assert len(components) > 8
    assert [name for name in components if not (ROOT / name).is_file()] == []


def codes(cell: str) -> set[str]:
    return set(CODE.findall(cell))


@pytest.mark.parametrize("column", [1, 2])
def test_commands_and_queries(column: int) -> None:
    """Every command and query stands in its context's row, and no other does."""
    catalogue: dict[str, Any] = {**(COMMANDS if column == 1 else QUERIES)}
    expected: dict[str, set[str]] = {}
    for name, message in catalogue.items():
        expected.setdefault(message.context, set()).add(name)
    written = {
        row[0].strip("`"): codes(row[column]) for row in rows("Message types") if len(row) == 3
    }
    assert {context: names for context, names in written.items() if names} == expected


def test_events() -> None:
    """Every event stands in the table of events, and no other does."""
    written = [codes(row[1]) for row in rows("Message types") if len(row) == 2]
    assert set().union(*written) == set(EVENTS)
    assert sum(map(len, written)) == len(EVENTS)


async def test_streams_and_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams and groups are those that `python -m handlers prepare` makes."""
    made: set[tuple[str, str]] = set()

    class Client:
        async def aclose(self) -> None:
            """Nothing was opened."""

    async def remember(_client: object, stream: str, group: str) -> None:
        made.add((stream.replace("ingress.demo", "ingress.{publisher}"), group))

    monkeypatch.setattr(preparing, "writing_client", lambda _url: Client())
    monkeypatch.setattr(preparing, "ensure_group", remember)
    settings = ProcessSettings(
        redis_url="redis://nowhere",
        secret_key=SecretStr("x" * 32),
        kafka_bootstrap_servers="nowhere:9092",
    )
    await preparing.prepare(settings)
    written = {
        (stream, stream.partition(".")[0] if "context's name" in row[2] else group)
        for row in rows("Streams and groups")
        if row[2] != "none"
        for stream in codes(row[0])
        for group in (codes(row[2]) or {""})
    }
    assert written == made


def test_processes() -> None:
    """The processes and how each is started are those of the supervisor's list."""
    written = {row[0].strip("`"): row[2].strip("`") for row in rows("Processes")}
    assert written == {role: " ".join(("python", *words)) for role, words in PROGRAMS.items()}
    started_as = {words[2] for words in PROGRAMS.values() if words[:2] == ("-m", "handlers")}
    assert started_as == set(ROLES)


def test_order_of_stopping() -> None:
    """The text says the order in which the supervisor stops its parts."""
    order = ", ".join(role for role, _ in STOPPING)
    said = re.search(r"in the order ([^.]+)\.", TEXT)
    assert said is not None
    assert said[1].replace("PostgreSQL", "postgres").replace("Redis", "redis") == order


def test_message_fields() -> None:
    """The fields are those that the codec writes."""
    full = Envelope(
        id=new_id(),
        type="booking.created",
        source="reservation",
        data=b"{}",
        subject="booking/1",
        time="2026-01-01T00:00:00Z",
        tenant_id=new_id(),
        actor=Actor("system"),
        correlation_id="1",
        causation_id="1",
        traceparent="00-1",
        dataschema="urn:slotstream:booking.created:1",
        ttl_ms=1,
        reply_to="gateway-1",
        sequence=1,
        fingerprint="1",
        channel="http",
        address="sealed:1",
    )
    written = set().union(*(codes(row[0]) for row in rows("Message fields")))
    assert written == set(encode(full))


def test_roles() -> None:
    """The roles are those that are made at start."""
    assert {row[0].strip("`") for row in rows("Roles in PostgreSQL")} == set(DATABASE_ROLES)
