"""Tokens and keys that were good once, on every operation that asks who one is."""

from typing import Any

import pytest

from contracts.wire.streams import CONTEXTS, PUBLISHING, events_of
from tests.e2e.bygone import BYGONE, Bygone
from tests.e2e.calls import Call, calls
from tests.e2e.forgeries import Fields, bearer, key
from tests.e2e.house import House
from tests.e2e.house import Person as Caller
from tests.e2e.keep_alive import Answer, KeepAlive
from tests.e2e.rows import Rows, changes, rows_of
from tests.e2e.sent import STREAMS
from tests.installation import Installation
from tests.waiting import wait_until

WITHIN = 15.0


@pytest.mark.parametrize("name", BYGONE)
def test_what_was_good_once_changes_nothing_any_more(
    installation: Installation, platform: Caller, house: House, name: str
) -> None:
    """Within seconds every operation refuses it as the specification says (of a suspended tenant
    every change), and not a row of the tenant is another afterwards."""
    bygone = BYGONE[name]
    everything = calls(house, house.resource())
    fields = bygone.ends(house, platform)
    with KeepAlive(installation.base_url) as line:
        wait_until(lambda: not still_good(line, bygone, everything, fields), WITHIN)
        before = settled(installation, house)
        wrong = {}
        for call in everything:
            answer = line.ask(call.operation.method, call.path, fields, call.body)
            told = (answer.status, code_of(answer))
            if not is_right(told, bygone.told(call)):
                wrong[call.name] = told
    assert wrong == {}
    after = rows_of(installation, house.id, CONTEXTS)
    assert changes(before, after).keys() <= set(bygone.kept)


def is_right(told: tuple[int, str], expected: tuple[int, str] | None) -> bool:
    """Where nothing is expected it went on: a read is no refusal of who asks."""
    return told[0] in (200, 404) if expected is None else told == expected


def still_good(
    line: KeepAlive, bygone: Bygone, everything: list[Call], fields: Fields
) -> list[str]:
    """Those of the operations without effect that do not answer yet as they shall: each context
    remembers for a second what it saw."""
    found = []
    for call in everything:
        harmless = call.operation.method == "GET" or call.operation.about
        if harmless and not call.operation.body:
            answer = line.ask(call.operation.method, call.path, fields)
            if not is_right((answer.status, code_of(answer)), bygone.told(call)):
                found.append(call.name)
    return found


def settled(installation: Installation, house: House) -> Rows:
    """The rows of the tenant once what is under way has arrived."""
    last: list[Rows] = [{}]

    def is_quiet() -> bool:
        rests = all_is_heard(house.redis)
        now = rows_of(installation, house.id, CONTEXTS)
        quiet = rests and not changes(last[0], now)
        last[0] = now
        return quiet

    wait_until(is_quiet, WITHIN, every=0.3)
    return last[0]


def all_is_heard(client: Any) -> bool:
    """Whether each context has done with all that is on a stream for it."""
    streams = {*STREAMS, *map(events_of, PUBLISHING)}
    groups = [one for stream in streams for one in client.xinfo_groups(stream)]
    ours = [one for one in groups if one["name"].decode() in CONTEXTS]
    return not any(one["pending"] or one["lag"] for one in ours)


def code_of(answer: Answer) -> str:
    """That of a problem; what is none has no code."""
    if "problem" not in answer.headers.get("content-type", ""):
        return ""
    return str(answer.json()["code"])


@pytest.mark.parametrize("proof", ["token", "key"])
def test_another_tenants_proof_opens_nothing_here(
    installation: Installation, house: House, other: House, proof: str
) -> None:
    """The stranger's own good token or key, with X-Tenant-ID of this tenant: 404 everywhere, and
    nothing of either tenant changes."""
    made = other.owner.post("/auth/api-keys/", {"name": "till", "scopes": ["tenant:read"]})
    fields = bearer(other.owner.token) if proof == "token" else key(made.json()["key"])
    named = [*fields, ("X-Tenant-ID", house.id.encode())]
    everything = calls(house, house.resource())
    before = settled(installation, house)
    wrong = {}
    with KeepAlive(installation.base_url) as line:
        for call in everything:
            answer = line.ask(call.operation.method, call.path, named, call.body)
            if (answer.status, code_of(answer)) != (404, "not_found"):
                wrong[call.name] = (answer.status, code_of(answer))
    assert wrong == {}
    assert changes(before, rows_of(installation, house.id, CONTEXTS)) == {}
