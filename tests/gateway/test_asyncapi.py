"""The AsyncAPI document: every stream and message, once, and each example as it says."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from contracts.catalogue import COMMANDS, EVENTS, QUERIES
from contracts.wire.codec import decode
from gateway.edge.asyncapi.channels import CHANNELS
from gateway.edge.asyncapi.documents import asyncapi
from gateway.edge.asyncapi.headers import FIELDS
from gateway.edge.asyncapi.messages import ENTRY, LETTER, OWN_QUERIES, REPLY
from tests.gateway.house import House
from tests.unit.docs.test_architecture import codes, rows

DOCUMENT: dict[str, Any] = json.loads(json.dumps(asyncapi()))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
ASKED = {**COMMANDS, **QUERIES}
# AsyncAPI 3.0.0: what these objects may have, extensions aside.
ALLOWED = {
    "document": "asyncapi id info servers defaultContentType channels operations components",
    "info": "title version termsOfService description license contact tags externalDocs",
    "channel": "address messages title summary description servers parameters tags externalDocs"
    " bindings",
    "operation": "action channel title summary description security tags externalDocs bindings"
    " traits messages reply",
    "message": "headers payload correlationId contentType name title summary description tags"
    " externalDocs bindings examples traits",
    "parameter": "enum default description examples location",
    "example": "headers payload name summary",
    "server": "host protocol protocolVersion pathname description title summary variables security"
    " tags externalDocs bindings",
}
KEY = re.compile(r"^[\w.\-]+$", re.ASCII)


def check(kind: str, found: dict[str, Any], *needed: str) -> None:
    extra = {name for name in found if not name.startswith("x-")} - set(ALLOWED[kind].split())
    assert not extra, f"{kind}: {extra}"
    assert set(needed) <= set(found)


def pointed(reference: str) -> Any:
    """What a reference in the document leads to."""
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from references(one)
    elif isinstance(part, dict):
        for name, one in part.items():
            if name == "$ref" and isinstance(one, str):
                yield one
            else:
                yield from references(one)


def test_the_objects_are_those_of_asyncapi() -> None:
    """Each has what 3.0.0 demands and nothing that it does not know."""
    check("document", DOCUMENT, "asyncapi", "info")
    check("info", DOCUMENT["info"], "title", "version")
    assert DOCUMENT["asyncapi"] == "3.0.0"
    for server in DOCUMENT["servers"].values():
        check("server", server, "host", "protocol")
    for key, channel in DOCUMENT["channels"].items():
        check("channel", channel, "address", "messages")
        assert KEY.match(key)
        named = set(re.findall(r"\{(\w+)\}", channel["address"]))
        assert named == set(channel.get("parameters", ()))
        for parameter in channel.get("parameters", {}).values():
            check("parameter", parameter)
    for name, message in MESSAGES.items():
        check("message", message, "headers", "examples")
        assert KEY.match(name)
        for example in message["examples"]:
            check("example", example)


def test_every_operation_has_its_channel_and_messages() -> None:
    """There is one for each channel, with all that stands there, and answers where it is asked."""
    operations = DOCUMENT["operations"].values()
    assert Counter(one["channel"]["$ref"] for one in operations) == Counter(
        f"#/channels/{key}" for key in DOCUMENT["channels"]
    )
    for one in operations:
        check("operation", one, "action", "channel")
        place = one["channel"]["$ref"]
        expected = {f"{place}/messages/{name}" for name in pointed(place)["messages"]}
        assert {message["$ref"] for message in one["messages"]} == expected
        is_asked = one["action"] == "receive"
        assert is_asked is ("reply" in one)


def test_every_reference_is_met() -> None:
    """Nothing is spoken of that is not there, and no schema is there for nothing."""
    found = set(references(DOCUMENT))
    for reference in found:
        pointed(reference)
    spare = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]} - found
    assert spare == set()


def test_every_message_is_there_once() -> None:
    """All of the catalogue, and what is said around it; each on its own context's channel."""
    own = {*OWN_QUERIES, ENTRY, REPLY, LETTER}
    assert set(MESSAGES) == {*COMMANDS, *QUERIES, *EVENTS, *own}
    places = Counter(
        name
        for channel in DOCUMENT["channels"].values()
        for name in channel["messages"]
        if name not in own
    )
    assert places == Counter([*COMMANDS, *QUERIES, *EVENTS])
    for name, message in ASKED.items():
        kind = "Commands" if name in COMMANDS else "Queries"
        assert name in DOCUMENT["channels"][f"{message.context}{kind}"]["messages"]


def test_streams_writers_and_groups_are_those_of_the_architecture() -> None:
    """The table that is compared with what the processes make says the same."""
    written = {
        stream: (
            row[1].removesuffix(", from the subscribers' outbox"),
            {stream.partition(".")[0]} if "context's name" in row[2] else codes(row[2]),
        )
        for row in rows("Streams and groups")
        for stream in codes(row[0])
    }
    described = {one.address: (", ".join(one.writers), set(one.groups)) for one in CHANNELS}
    assert described == written


def test_the_fields_are_those_of_the_envelope() -> None:
    """What the codec can write is described, `data` aside, which is the payload."""
    written = set().union(*(codes(row[0]) for row in rows("Message fields")))
    assert written == {*FIELDS, "data"}


@pytest.mark.parametrize("name", MESSAGES)
def test_an_example_is_what_the_schemas_say(name: str) -> None:
    """By the rules of JSON Schema of today, and of the draft that AsyncAPI builds on."""
    message = MESSAGES[name]
    (example,) = message["examples"]
    for part in ("headers", "payload"):
        if part in example:
            rooted = {"allOf": [message[part]], "components": DOCUMENT["components"]}
            for validator in (Draft202012Validator, Draft7Validator):
                validator.check_schema(rooted)
                assert [one.message for one in validator(rooted).iter_errors(example[part])] == []


@pytest.mark.parametrize("name", [name for name in MESSAGES if name != LETTER])
def test_an_example_is_a_message(name: str) -> None:
    """The codec reads its fields; and the contract the body of a command or query."""
    (example,) = MESSAGES[name]["examples"]
    body = json.dumps(example["payload"])
    envelope = decode({**example["headers"], "data": body})
    assert envelope.type == (name if name != ENTRY else "booking.cancel")
    if name in ASKED:
        ASKED[name].model_validate_json(body)


@pytest.mark.parametrize("name", ASKED)
def test_who_may_and_what_is_sealed_is_told(name: str) -> None:
    """As the contract has it."""
    assert MESSAGES[name]["x-permissions"] == list(ASKED[name].permissions)
    assert MESSAGES[name].get("x-sealed-fields", []) == list(ASKED[name].secret_fields)


async def test_it_is_served_to_anybody(house: House) -> None:
    """Without sign-in, and 304 to whoever has it already."""
    answer = await house.client.get("/asyncapi.json")
    assert (answer.status_code, answer.json()) == (200, DOCUMENT)
    assert answer.headers["content-type"] == "application/json"
    known = {"if-none-match": answer.headers["etag"]}
    assert (await house.client.get("/asyncapi.json", headers=known)).status_code == 304
