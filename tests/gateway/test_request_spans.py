"""A request as a span: what it says, what it never says, and the spans of what it asks."""

import asyncio
import json
from pathlib import Path

from contracts.wire.tracing import trace_id_of
from tests.gateway.house import House, opened
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME
from tests.log_output import written
from tests.spans import recording

READ = "resource:read"
TRACE = "0af7651916cd43dd8448eb211c80319c"
FOREIGN = f"00-{TRACE}-b7ad6b7169203331-01"


async def test_a_request_and_what_it_asks(house: House) -> None:
    """The client's trace goes on: the request's span is under the client's, the question's under
    the request's, and the question's id is the one by which its reply is found. Path, query and
    what else the client says freely are in neither."""
    headers = {"traceparent": FOREIGN, "x-request-id": "canary", "user-agent": "canary"}
    with recording() as kept:
        path = "/resources/0198a0b2-0000-7000-8000-00000000000a?canary=canary"
        refused = await house.call("GET", path, READ, headers=headers)
        answer = await house.call("GET", path.partition("?")[0], READ, headers=headers)
    assert (refused.status_code, answer.status_code) == (400, 200)
    first, question, second = kept
    assert (first.parent, second.parent) == (FOREIGN, FOREIGN)
    assert (first.kind, first.name) == ("server", "GET /resources/{resource_id}")
    assert first.attributes["http.response.status_code"] == 400
    assert second.attributes == {
        "http.request.method": "GET",
        "http.route": "/resources/{resource_id}",
        "http.response.status_code": 200,
        "slotstream.tenant_id": str(ACME),
    }
    assert (question.parent, question.kind) == (second.traceparent, "client")
    assert question.traceparent == house.peer.last.traceparent
    assert question.attributes["messaging.message.id"] == str(house.peer.last.id)
    assert trace_id_of(question.traceparent) == TRACE
    assert [span.error for span in kept] == ["", "", ""]
    assert "canary" not in str(kept)


async def test_a_share_of_what_begins_here_is_kept(house: House) -> None:
    """At 0 nothing that begins here is, and the messages say so to whoever works on them; what a
    client wants kept is."""
    with recording(ratio=0) as kept:
        assert (await house.call("GET", "/resources/", READ)).status_code == 200
        assert house.peer.last.traceparent.endswith("-00")
        assert kept == []
        headers = {"traceparent": FOREIGN}
        assert (await house.call("GET", "/resources/", READ, headers=headers)).status_code == 200
    assert len(kept) == 2


async def test_nobody_answers(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """The question ends as an error, and so does the request with its 5xx; an answer of no route
    has none."""
    async with opened(own_valkey.url, tmp_path, request_timeout_seconds=0.2) as house:
        house.peer.script = lambda _: None
        with recording() as kept:
            assert (await house.call("GET", "/resources/", READ)).status_code == 503
            assert (await house.call("GET", "/nowhere", READ)).status_code == 404
    question, request, nowhere = kept
    assert (question.error, request.error) == ("no_reply", "503")
    assert (nowhere.name, nowhere.error, "http.route" in nowhere.attributes) == ("GET", "", False)


async def test_what_nobody_waits_for_is_a_producers(house: House) -> None:
    """`Prefer: respond-async`: the span ends when the command is on its stream."""
    house.peer.script = lambda _: None
    with recording() as kept:
        headers = {"prefer": "respond-async"}
        answer = await house.call(
            "POST", "/resources/categories/", "category:manage", headers=headers, json={"name": "A"}
        )
    assert answer.status_code == 202
    told, _ = kept
    assert (told.kind, told.error, told.name) == ("producer", "", "send resource.commands")


async def test_what_is_said_for_many_is_nobodys(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Redis is lost while several ask over one connection: the line about it bears the ids of none,
    and the request's own lines bear its own."""
    async with opened(own_valkey.url, tmp_path) as house:
        assert (await house.call("GET", "/resources/", READ)).status_code == 200
        with written("json") as log:
            own_valkey.stop()
            calls = [house.call("GET", "/resources/", READ) for _ in range(5)]
            answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} <= {503, 504}
    lines = list(map(json.loads, log.getvalue().splitlines()))
    assert lines
    assert not any("request_id" in line for line in lines)
