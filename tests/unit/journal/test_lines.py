"""The form of a log line, for machines and for people, and whose work it says it was."""

import asyncio
import json
import logging
from uuid import UUID

import pytest

from contracts.wire.envelope import Envelope
from journal import bearings
from journal.bearings import Bearings
from journal.lines import without_values
from journal.messages import Working
from journal.notes import note
from tests.log_output import PART, written

MARKS = "\r\n\u2028\u2029\u0085\x1b[2J\x00"
TRACE = "0af7651916cd43dd8448eb211c80319c"
MESSAGE = Envelope(
    id=UUID("0198a0b2-0000-7000-8000-00000000000a"),
    type="booking.create",
    source="test",
    data=b"{}",
    tenant_id=UUID("0198a0b2-0000-7000-8000-00000000000b"),
    correlation_id="request-1",
    traceparent=f"00-{TRACE}-b7ad6b7169203331-01",
)
IDS = {
    "tenant_id": str(MESSAGE.tenant_id),
    "request_id": "request-1",
    "trace_id": TRACE,
    "message_id": str(MESSAGE.id),
}


@pytest.mark.parametrize("style", ["json", "text"])
def test_no_line_is_forged(style: str) -> None:
    """Whatever a message, a field or an error says, ours or a library's: it ends no line, and moves
    no cursor. A traceback for people has lines of its own."""
    with written(style) as output:
        try:
            raise RuntimeError(MARKS)
        except RuntimeError as failure:
            note(logging.ERROR, f"it {MARKS}", name=MARKS)
            logging.getLogger("library").warning("it %s", MARKS)
            note(logging.ERROR, "it failed", trouble=failure)
    first, second, *rest = output.getvalue().splitlines()
    assert all(line.isprintable() for line in (first, second, *rest))
    assert output.getvalue().isascii()
    if style == "json":
        assert json.loads(first)["name"] == MARKS
        assert json.loads(second)["message"] == f"it {MARKS}"
        assert MARKS in json.loads("".join(rest))["traceback"]


def test_a_line_says_who_says_what_of_whose_work() -> None:
    """The first fields are the same in every line; then come the ids of the work, then its own."""
    with written("json") as output:
        note(logging.INFO, "reading")
        with Working("reservation.commands", "reservation", MESSAGE):
            note(logging.WARNING, "entry refused", reason="unknown_type")
            logging.getLogger("library").warning("a library says so")
        note(logging.INFO, "done")
    before, within, library, after = map(json.loads, output.getvalue().splitlines())
    assert list(before) == ["time", "level", "part", "message"]
    assert (before["level"], before["part"], before["message"]) == ("info", PART, "reading")
    assert within.items() >= {**IDS, "reason": "unknown_type", "level": "warning"}.items()
    assert library.items() >= {**IDS, "message": "a library says so"}.items()
    assert not set(after) & set(IDS)


def test_text_says_the_ids_too() -> None:
    """A person reads level, message, ids and fields."""
    with written("text") as output, Working("reservation.commands", "reservation", MESSAGE):
        note(logging.WARNING, "entry refused", reason="unknown type")
    told = " ".join(f"{name}={value!r}" for name, value in IDS.items())
    assert output.getvalue() == f"warning entry refused {told} reason='unknown type'\n"


@pytest.mark.parametrize(
    ("level", "heard"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)]
)
def test_a_level_is_the_least_that_is_heard(level: str, heard: int) -> None:
    """LOG_LEVEL decides on ours; of libraries warnings are heard, where those of ours are."""
    with written("json", level) as output:
        for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            note(number, "ours")
            logging.getLogger("library").log(number, "theirs")
    said = [json.loads(line)["message"] for line in output.getvalue().splitlines()]
    assert said.count("ours") == heard
    assert said.count("theirs") == min(heard, 2)


async def test_tasks_have_the_ids_of_what_began_them() -> None:
    """What is learnt later, too; but not a task that works for many."""
    loop = asyncio.get_running_loop()

    async def say(message: str) -> None:
        note(logging.INFO, message)

    with written("json") as output:
        token = bearings.take(Bearings(MESSAGE.traceparent, "request-1"))
        own = loop.create_task(say("own"))
        shared = loop.create_task(say("shared"), context=bearings.nobodys())
        bearings.whose_tenant(MESSAGE.tenant_id)
        await asyncio.gather(own, shared)
        bearings.leave(token)
    first, second = map(json.loads, output.getvalue().splitlines())
    assert (first["message"], first["tenant_id"]) == ("own", str(MESSAGE.tenant_id))
    assert not set(second) & set(IDS)


def test_a_rows_values_are_left_out_to_the_last_line() -> None:
    """However many lines somebody wrote: what PostgreSQL says after them stays, and what Python
    does, also of an error in a group."""
    told = (
        "asyncpg.exceptions.CheckViolationError: violates check\n"
        "DETAIL:  Failing row contains (1, dear diary,\n"
        "\n"
        "my secret).\n"
        "HINT:  Look at it.\n"
        "  | DETAIL:  Failing row contains (2, plums\n"
        "  | and more).\n"
        "  | [SQL: INSERT INTO booking]\n"
        "The above exception was the direct cause of the following exception:"
    )
    assert without_values(told).split("\n") == [
        "asyncpg.exceptions.CheckViolationError: violates check",
        "HINT:  Look at it.",
        "  | [SQL: INSERT INTO booking]",
        "The above exception was the direct cause of the following exception:",
    ]
