"""What is read out of a calendar file, and what is refused, in bounded time."""

import time
from datetime import datetime
from typing import Any

import orjson
import pytest

from contracts.tenant.settings import ClosureTime
from handlers.tenant.calendar_import import read_apart
from handlers.tenant.calendar_reading import Unreadable, one_line, read_calendar, uid_of
from tests.integration.tenant.calendars import (
    APPLE,
    DAY,
    GOOGLE,
    HOSTILE,
    HOUR,
    OUTLOOK,
    as_sent,
    calendar,
    many,
)

SINCE, UNTIL = datetime(2026, 11, 24), datetime(2028, 11, 24)


def read(text: str, *, limit: int = 1_000, timezone: str = "America/Sao_Paulo") -> dict[str, Any]:
    return read_calendar(text, timezone=timezone, since=SINCE, until=UNTIL, limit=limit)


def times(found: dict[str, Any]) -> list[str]:
    """When each event is, dates or instants."""
    return [
        "/".join(event[name] for name in event if name.startswith(("starts", "ends")))
        for event in found["events"]
    ]


def test_what_google_writes() -> None:
    """The end of an all-day event is not part of it; summaries are unfolded; transparent events
    take no time."""
    found = read(as_sent(GOOGLE))
    assert times(found) == [
        "2027-12-24/2028-01-01",
        "2027-09-06T16:00:00Z/2027-09-06T21:00:00Z",
        "2027-11-01T16:00:00Z/2027-11-01T21:00:00Z",
    ]
    assert found["events"][0]["reason"] == "Férias coletivas, até o Ano Novo"
    assert found["skipped"] == [{"uid": "birthday@google.com", "code": "transparent"}]


def test_what_outlook_writes() -> None:
    """Zones have Windows' names or are described; wall-clock time stays across the change-over."""
    found = read(as_sent(OUTLOOK))
    assert times(found) == [
        "2027-03-10T14:00:00Z/2027-03-10T17:00:00Z",
        "2027-03-17T13:00:00Z/2027-03-17T16:00:00Z",
        "2027-04-01T06:15:00Z/2027-04-01T07:15:00Z",
    ]


def test_a_windows_zone_is_known_without_its_description() -> None:
    """As some programs leave it out."""
    start = "DTSTART;TZID=E. South America Standard Time:20270401T100000"
    assert times(read(calendar(("UID:a", start, "DURATION:PT1H")), timezone="UTC")) == [
        "2027-04-01T13:00:00Z/2027-04-01T14:00:00Z"
    ]


def test_what_apple_writes() -> None:
    """An occurrence that was moved is where it was moved to; one that was cancelled is not."""
    found = read(as_sent(APPLE))
    assert times(found) == [
        "2027-03-25T10:00:00Z/2027-03-25T12:00:00Z",
        "2027-04-02T13:00:00Z/2027-04-02T14:00:00Z",
    ]
    assert [one["occurrence"] for one in found["events"]] == [
        "2027-03-25T10:00:00Z",
        "2027-04-01T09:00:00Z",
    ]
    assert [one["code"] for one in found["skipped"]] == ["cancelled"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (DAY, ["2027-04-01/2027-04-01"]),
        ((*DAY, "DTEND;VALUE=DATE:20270401"), ["2027-04-01/2027-04-01"]),
        ((*DAY, "DURATION:P3D"), ["2027-04-01/2027-04-03"]),
        (HOUR, ["2027-04-01T10:00:00Z/2027-04-01T11:00:00Z"]),
        (
            ("UID:a", "DTSTART:20270401T100000", "DTEND:20270401T110000"),
            ["2027-04-01T13:00:00Z/2027-04-01T14:00:00Z"],
        ),
        (
            (*DAY, "RDATE;VALUE=DATE:20270405", "EXDATE;VALUE=DATE:20270401"),
            ["2027-04-05/2027-04-05"],
        ),
        (
            (*DAY, "RRULE:FREQ=YEARLY;UNTIL=99991231"),
            ["2027-04-01/2027-04-01", "2028-04-01/2028-04-01"],
        ),
        (
            (*HOUR, "RDATE;VALUE=PERIOD:20270402T100000Z/PT3H"),
            [
                "2027-04-01T10:00:00Z/2027-04-01T11:00:00Z",
                "2027-04-02T10:00:00Z/2027-04-02T13:00:00Z",
            ],
        ),
    ],
)
def test_when_an_event_is(lines: tuple[str, ...], expected: list[str]) -> None:
    """Dates to dates, instants to instants; without a zone it is the tenant's."""
    found = read(calendar(lines))
    assert times(found) == expected
    for event in found["events"]:
        stored = {name: value for name, value in event.items() if name != "occurrence"}
        ClosureTime.model_validate_json(orjson.dumps(stored))


def test_what_closes_nothing_is_told() -> None:
    """An event that ends as it begins, and one that lies elsewhere in time."""
    found = read(
        calendar(
            ("UID:long ago", "DTSTART;VALUE=DATE:20200101"),
            ("UID:never", "DTSTART;VALUE=DATE:20270401", "STATUS:CANCELLED"),
            ("UID:a moment", "DTSTART:20270401T100000Z"),
        )
    )
    assert found["events"] == []
    assert [(one["uid"], one["code"]) for one in found["skipped"]] == [
        ("never", "cancelled"),
        ("a moment", "empty"),
        ("long ago", "outside_range"),
    ]


def test_a_series_that_is_moved_from_a_date_on() -> None:
    """RANGE=THISANDFUTURE: those that follow are moved with it, and each has an id of its own."""
    found = read(
        calendar(
            (*HOUR, "RRULE:FREQ=DAILY;COUNT=4"),
            (
                "UID:a",
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20270403T100000Z",
                "DTSTART:20270403T120000Z",
                "DURATION:PT1H",
            ),
        )
    )
    starts = sorted(one["starts_at"] for one in found["events"])
    assert starts == [f"2027-04-{day}:00:00Z" for day in ("01T10", "02T10", "03T12", "04T12")]
    assert len({one["occurrence"] for one in found["events"]}) == 4


def test_expansion_ends_just_beyond_the_limit() -> None:
    """One more than may be kept tells that it is too many."""
    assert len(read(calendar((*HOUR, "RRULE:FREQ=DAILY")), limit=10)["events"]) == 11
    assert len(read(many(50), limit=10)["events"]) == 11


def test_an_event_without_a_uid_keeps_its_name() -> None:
    """The same event of the same file has the same one; a UID that cannot be kept is digested."""
    first, second = (read(calendar(DAY[1:]))["events"][0]["uid"] for _ in range(2))
    assert first == second
    assert uid_of("a@b") == "a@b"
    assert uid_of("x" * 201) == uid_of("x" * 201) != uid_of("x" * 202)
    assert uid_of("a\x00b").startswith("sha256:")


def test_a_reason_is_one_line() -> None:
    """No control characters, no more than 200 characters."""
    assert one_line("  a\n\tb\u2028c\x00 ") == "a b c"
    assert len(one_line("x" * 300)) == 200


@pytest.mark.parametrize("text", [text for name, text in HOSTILE.items() if "for ever" not in name])
def test_what_nobody_can_have_meant_is_refused(text: str) -> None:
    """With a detail that says what it is."""
    with pytest.raises(Unreadable, match=r"\w"):
        read(text)


def request_of(text: str, cpu_seconds: int = 5) -> bytes:
    asked = {"text": text, "timezone": "UTC", "limit": 1_000, "cpu_seconds": cpu_seconds}
    return orjson.dumps({**asked, "since": SINCE.isoformat(), "until": UNTIL.isoformat()})


async def test_it_is_read_in_a_process_of_its_own() -> None:
    """The answer is the same, and zones that a file describes do not outlive it."""
    assert await read_apart(request_of(OUTLOOK)) == read(OUTLOOK, timezone="UTC")
    start = "DTSTART;TZID=Customized Time Zone:20270401T100000"
    assert "unreadable" in await read_apart(request_of(calendar(("UID:a", start))))


@pytest.mark.parametrize(
    "name", ["a megabyte of garbage", "30 February, for ever", "the year 1", "every second"]
)
async def test_ill_will_is_answered_in_bounded_time(name: str) -> None:
    """Whatever it is, the process ends, and the file is unreadable."""
    began = time.monotonic()
    found = await read_apart(request_of(HOSTILE[name], cpu_seconds=1))
    assert found["unreadable"]
    assert time.monotonic() - began < 25
