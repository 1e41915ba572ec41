"""Forged tokens and keys, on every operation that asks who one is."""

from collections import Counter
from uuid import uuid4

import pytest

from tests.e2e.calls import Call, calls
from tests.e2e.forge import Forge
from tests.e2e.forgeries import FORGERIES, Forgery, bearer, key
from tests.e2e.house import House, Person, code_for, new_house
from tests.e2e.keep_alive import Answer, KeepAlive
from tests.e2e.sent import Fields, Sent
from tests.e2e.who_may import holders
from tests.installation import Installation
from tests.permissions import held_by_role

CHALLENGE = 'Bearer realm="slotstream"'
# What it takes to find out whose key it is.
ASKED_ABOUT_KEYS = {"apikey.verify"}
# Sent by the gateway itself: that a key was used, and that somebody was refused a permission.
NOTED = {"apikey.mark_used", "audit.record"}


@pytest.fixture(scope="module")
def victims(installation: Installation, platform: Person) -> House:
    return new_house(installation, platform)


@pytest.fixture(scope="module")
def forge(installation: Installation, platform: Person, victims: House) -> Forge:
    email = f"owner@{victims.slug}.example"
    Person(installation.base_url).post(
        "/auth/password/forgot", {"tenant": victims.slug, "email": email}
    )
    scopes = sorted(held_by_role()["owner"])
    made = victims.owner.post("/auth/api-keys/", {"name": "till", "scopes": scopes})
    assert made.status_code == 201, made.text
    return Forge.at(
        installation.data_dir / "keys",
        (victims.owner, victims.person("owner"), new_house(installation, platform).owner),
        code=code_for(installation, email),
        api_key=made.json()["key"],
    )


@pytest.fixture(scope="module")
def everything(victims: House) -> list[Call]:
    return calls(victims, victims.resource())


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_by_every_operation(
    installation: Installation, victims: House, forge: Forge, everything: list[Call], name: str
) -> None:
    """401 with a challenge, as problem+json, and no message leaves for any handler."""
    forgery = FORGERIES[name]
    fields, query = forgery.fields(forge), forgery.query(forge)
    request_id = str(uuid4())
    wrong = {}
    with KeepAlive(installation.base_url) as line, Sent(victims.redis) as sent:
        for call in everything:
            headers = [*fields, ("X-Request-ID", request_id.encode())]
            answer = line.ask(call.operation.method, call.at(query), headers, call.body)
            if told(answer) != refusal(forgery, call):
                wrong[call.name] = (answer.status, answer.body[:200], told(answer))
        messages = sent.messages()
    assert wrong == {}
    # What was refused to others a while ago is summed up by now.
    ours = {of_type(one) for one in messages if one[b"correlationid"] == request_id.encode()}
    assert ours <= ASKED_ABOUT_KEYS
    assert {of_type(one) for one in messages} <= ASKED_ABOUT_KEYS | NOTED


def of_type(message: Fields) -> str:
    return message[b"type"].decode()


def refusal(forgery: Forgery, call: Call) -> dict[str, object]:
    """What an answer has to say of a forgery: this and no more."""
    readable = forgery.status == 401
    presented = forgery.code == "invalid_token"
    return {
        "status": forgery.status,
        "code": forgery.code,
        "media type": "application/problem+json",
        "challenged": readable,
        "says invalid_token": presented,
        "instance": call.path.partition("?")[0] if readable else "",
        "traced": True,
        "fields": {"type", "title", "status", "code", "instance", "trace_id"},
        "repeats what was sent": False,
    }


def told(answer: Answer) -> dict[str, object]:
    """The same, as the answer says it."""
    document = answer.json()
    challenge = answer.headers.get("www-authenticate", "")
    return {
        "status": answer.status if document["status"] == answer.status else document["status"],
        "code": document["code"],
        "media type": answer.headers["content-type"].partition(";")[0],
        "challenged": challenge.startswith(CHALLENGE),
        "says invalid_token": document["code"] == "invalid_token",
        "instance": document["instance"],
        "traced": len(document["trace_id"]) == 32,
        "fields": set(document) - {"detail"},
        "repeats what was sent": b"eyJ" in answer.body or b"sk_" in answer.body,
    }


@pytest.mark.parametrize("proof", ["a token", "a token and bearer in small letters", "a key"])
def test_what_is_genuine_comes_in_everywhere(
    installation: Installation, victims: House, forge: Forge, everything: list[Call], proof: str
) -> None:
    """The same requests with the genuine token or key get past sign-in, and are sent to a handler
    wherever the owner is permitted: so what the forgeries are told is due to the forgery."""
    fields = {
        "a token": bearer(forge.genuine),
        "a token and bearer in small letters": [
            ("authorization", f"bearer {forge.genuine}".encode())
        ],
        "a key": key(forge.api_key),
    }[proof]
    owner = holders()["owner"]
    refused, unsent = Counter[str](), []
    with KeepAlive(installation.base_url) as line, Sent(victims.redis) as sent:
        for call in everything:
            answer = line.ask(call.operation.method, call.path, fields, call.body)
            if answer.status == 401 or answer.status >= 500:
                refused[f"{call.name} {answer.status}"] += 1
            permitted = owner & {*call.operation.any, *call.operation.own}
            if bool(set(sent.types()) - ASKED_ABOUT_KEYS - NOTED) != bool(permitted):
                unsent.append(call.name)
    assert (refused, unsent) == ({}, [])
