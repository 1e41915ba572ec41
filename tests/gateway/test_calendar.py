"""A calendar as a body: on the one route that takes one, and nowhere else."""

from typing import Any

import orjson
import pytest

from contracts.wire.reply import Reply
from tests.gateway.house import House
from tests.gateway.signer import ACME

PATH = f"/tenants/{ACME}/closures/"
MANAGE = "closure:manage"
ICS = "BEGIN:VCALENDAR\r\nX-NAME:Férias\r\nEND:VCALENDAR\r\n"


async def sent(house: House, path: str, content: bytes, media_type: str = "text/calendar") -> Any:
    house.peer.script = lambda _: Reply(201, {"imported": 0})
    headers = {"content-type": media_type}
    return await house.call("POST", path, MANAGE, content=content, headers=headers)


@pytest.mark.parametrize("media_type", ["text/calendar", "Text/Calendar; charset=UTF-8; method=X"])
async def test_a_calendar_is_a_command_of_its_own(house: House, media_type: str) -> None:
    """Its text is in the command, with one mark for the end of a line."""
    answer = await sent(house, PATH, ICS.encode("utf-8-sig"), media_type)
    assert answer.status_code == 201
    ((stream, envelope),) = house.peer.heard
    assert (stream, envelope.type) == ("tenant.commands", "closure.import")
    said = {"tenant_id": str(ACME), "calendar": ICS.replace("\r\n", "\n")}
    assert orjson.loads(envelope.data) == said


async def test_other_routes_take_json_alone(house: House) -> None:
    """415 with what to send."""
    headers = {"content-type": "text/calendar"}
    answer = await house.call(
        "POST", "/resources/", "resource:create", content=ICS.encode(), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert house.peer.heard == []


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"\xff\xfe", "text/calendar", 400, "invalid_calendar"),
        (ICS.encode(), "text/calendar; charset=latin-1", 415, "unsupported_media_type"),
        (ICS.encode(), "text/plain", 415, "unsupported_media_type"),
        (b"a" * 1_048_577, "text/calendar", 413, "body_too_large"),
        (b"\x01" * 1_000_000, "text/calendar", 413, "body_too_large"),
        (ICS.encode(), "application/json", 400, "malformed_json"),
    ],
    ids=["no UTF-8", "another charset", "plain text", "too large", "too large said", "JSON"],
)
async def test_what_is_no_calendar_is_refused(
    house: House, content: bytes, media_type: str, status: int, code: str
) -> None:
    """Before anything reaches a stream; what grows beyond an entry in its message, too."""
    answer = await sent(house, PATH, content, media_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert house.peer.heard == []


async def test_a_calendar_needs_its_permission(house: House) -> None:
    """As a closure that is made by hand does."""
    headers = {"content-type": "text/calendar"}
    answer = await house.call("POST", PATH, "tenant:read", content=ICS.encode(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_megabyte_of_calendar_fits(house: House) -> None:
    """1 MiB, lines and accents included, is one entry of the stream."""
    line = "DESCRIPTION:Férias coletivas de fim de ano\r\n".encode()
    answer = await sent(house, PATH, line * (1_048_576 // len(line)))
    assert answer.status_code == 201
