"""Many parts, one stream of whole lines."""

import asyncio
import io
import json
from collections import deque

from ops.log_lines import LONGEST_LINE, WAITING_LINES, LineReader, LogPrinter
from tests.waiting import wait_until


class Blocked(io.StringIO):
    """An output whose reader has stopped reading, until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.is_blocked = True

    def write(self, text: str) -> int:
        if self.is_blocked:
            wait_until(lambda: not self.is_blocked, 10)
        return super().write(text)


class Closed(io.StringIO):
    """An output whose reader has gone away."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def printed(style: str, *lines: tuple[str, str]) -> list[str]:
    output = io.StringIO()
    log = LogPrinter("json" if style == "json" else "text", output)
    for name, text in lines:
        log.line(name, text)
    log.close()
    return output.getvalue().splitlines()


def test_text_lines_begin_with_the_part() -> None:
    """A person sees whose line it is."""
    assert printed("text", ("handler-1", "hello")) == ["handler-1    | hello"]


def test_no_line_is_forged() -> None:
    """Control characters and Unicode's line separators are shown, not obeyed."""
    lines = printed("text", ("gateway-1", "a\x1b[2Jb\rslotstream | c\u2028d"))
    assert lines == ["gateway-1    | a\\x1b[2Jb\\x0dslotstream | c\\u2028d"]


def test_json_stays_json() -> None:
    """In the JSON style an object stands as it came, and any other line becomes one."""
    first, second = printed("json", ("gateway-1", '{"message": "own"}'), ("postgres", 'LOG: "x"'))
    assert json.loads(first) == {"message": "own"}
    assert json.loads(second)["part"] == "postgres"
    assert json.loads(second)["message"] == 'LOG: "x"'


def test_pieces_become_lines() -> None:
    """Lines arrive whole however the pipe cut them; the last one without its end too."""
    taken: list[str] = []
    kept: deque[str] = deque(maxlen=2)
    silent = asyncio.Event()
    reader = LineReader(taken.append, kept, silent)
    for piece in (b"on", b"e\ntw", b"o\r\nth", b"ree \xff"):
        reader.data_received(piece)
    reader.connection_lost(None)
    assert taken == ["one", "two", "three \ufffd"]
    assert list(kept) == taken[-2:]
    assert silent.is_set()


def test_endless_line_is_cut() -> None:
    """A line without an end does not fill the memory."""
    taken: list[str] = []
    reader = LineReader(taken.append, deque(maxlen=1), asyncio.Event())
    reader.data_received(b"x" * (LONGEST_LINE + 1))
    assert [len(line) for line in taken] == [LONGEST_LINE + 1]


def test_reader_who_stops_reading_stops_nobody() -> None:
    """Lines that nobody takes are dropped and counted; the caller never waits."""
    output = Blocked()
    log = LogPrinter("text", output)
    for number in range(WAITING_LINES + 100):
        log.line("handler-1", str(number))
    output.is_blocked = False
    log.close(10)
    assert " log lines dropped" in output.getvalue()


def test_reader_who_goes_away_stops_nobody() -> None:
    """A closed output is no trouble."""
    log = LogPrinter("text", Closed())
    log.say("hello")
    log.close()
