"""Nothing of one tenant is read, changed or revealed by another: every operation, and every place
in it where an id stands, in the words of the house's twin.

The twin's word and one that names nothing come to the same: the same status, the same headers and
the same body but for ids and times; nothing of the twin is told, and not a row of it is another
afterwards.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import httpx
import pytest

from contracts.catalogue import COMMANDS, QUERIES
from gateway.app import CONTROLLERS
from tests.e2e.house import Json, Person, new_house
from tests.e2e.rows import Rows, changes, rows_of
from tests.e2e.sent import Sent
from tests.e2e.twin_houses import TwinHouse, furnished, nobodys
from tests.e2e.twin_requests import FREE, REQUESTS, Asking, Place, filled, places
from tests.e2e.who_may import OPERATIONS
from tests.installation import Installation
from tests.integration.twins_schemas import id_paths
from tests.waiting import wait_until

_BY_ITSELF = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?"), "<at>"),
    (re.compile(r"\b(House|Name|C|R|U) \d+"), "<name>"),
    (re.compile(r"\bu\d+@people\.example"), "<address>"),
    (re.compile(r'"(version|rules_version|affected_bookings_count)": ?\d+'), r'"\1":0'),
    (re.compile(r'"(trace_id|key|prefix|secret|next_cursor)": ?"[^"]*"'), r'"\1":""'),
)
SAID = "subscriber.notification"


@dataclass
class Row:
    """Three houses of one row: ours asks; `twin` is who must not be met; `mirror` does all that
    ours could, so that it is known to be something, under keys that ours then uses, too."""

    ours: TwinHouse
    twin: TwinHouse
    mirror: TwinHouse
    twins_rows: Rows
    answered: dict[str, list[httpx.Response]] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=dict)

    def mirrored(self, name: str) -> list[httpx.Response]:
        """What the mirror is answered in its own words, each asked once; `types` has the messages
        that this took."""
        if name not in self.answered:
            with Sent(self.mirror.house.redis) as sent:
                self.answered[name] = [
                    ask(
                        self.mirror,
                        name,
                        asking,
                        filled(asking.document, self.mirror.own_words),
                        {"Idempotency-Key": key_of(name, place)},
                    )
                    for place, asking in enumerate(REQUESTS[name])
                ]
                self.types[name] = set(sent.types())
        return self.answered[name]


@pytest.fixture(scope="module")
def row(installation: Installation, platform: Person) -> Row:
    ours, twin, mirror = (
        furnished(new_house(installation, platform), letter)
        for letter in ("ours", "twin", "mirror")
    )
    send_nothing(twin)
    last: list[Rows] = [{}]

    def is_quiet() -> bool:
        """What the twin's own people did has arrived everywhere, and been said to everybody."""
        now = rows_of(installation, twin.house.id)
        quiet = not changes(last[0], now) and not any(map(is_under_way, now[SAID]))
        last[0] = now
        return quiet

    wait_until(is_quiet, 300, every=1.0)
    return Row(ours, twin, mirror, last[0])


def send_nothing(house: TwinHouse) -> None:
    """What could not be delivered to the house is not tried again by and by. Each endpoint is
    switched off between two attempts: one that is under way would be written down afterwards."""
    owner = house.house.owner
    for name in ("webhook", "webhook_to_delete", "taken_webhook"):
        path = f"/tenants/{house.house.id}/webhooks/{house.words[name]}"
        wait_until(partial(is_between_attempts, owner, path), 120)
        assert owner.patch(path, {"enabled": False}).status_code == 200


def is_between_attempts(owner: Person, path: str) -> bool:
    """Whether each delivery to the endpoint has been tried, and is not tried again right now."""
    soon = datetime.now(UTC) + timedelta(seconds=2)
    log = owner.get(f"{path}/deliveries/").json()["items"]
    return all(
        one["attempts"] and datetime.fromisoformat(one["next_attempt_at"]) > soon for one in log
    )


def is_under_way(notification: str) -> bool:
    """Whether it is to be said soon: a reminder is for another day."""
    one = json.loads(notification)
    soon = datetime.now(UTC) + timedelta(days=1)
    return one["state"] == "queued" and datetime.fromisoformat(one["due_at"]) < soon


def key_of(name: str, place: int) -> str:
    """The Idempotency-Key under which the mirror has asked."""
    return f"mirror-{name}-{place}"


def ask(
    house: TwinHouse, name: str, asking: Asking, document: Json, headers: dict[str, str]
) -> httpx.Response:
    """The answer to the house's owner, or to nobody in particular."""
    base_url = house.house.base_url
    who = house.house.owner if asking.by == "owner" else Person(base_url)
    path = "/".join(document["path"])
    sent = {} if document["body"] is None else {"json": document["body"]}
    method = OPERATIONS[name].method
    return who.request(method, path, headers=headers, params=document["query"], **sent)


def told(answer: httpx.Response, *put_in: str) -> tuple[int, frozenset[str], str]:
    """Status, names of headers, and the body apart from what differs by itself."""
    text = answer.text
    for word in put_in:
        text = text.replace(word, "<it>")
    for pattern, instead in _BY_ITSELF:
        text = pattern.sub(instead, text)
    return answer.status_code, frozenset(answer.headers), text.replace('"<it>"', '"<id>"')


def betrayed(answer: httpx.Response, twin: TwinHouse, *put_in: str) -> set[str]:
    """What the answer says of the twin that was not put in."""
    whole = f"{answer.headers}\n{answer.text}"
    return {word for word in {twin.canary, *twin.ids} - {*put_in} if word in whole}


def but_for_knocks(changed: dict[str, list[str]]) -> dict[str, list[str]]:
    """What changed of the twin, apart from records in its trail that nobody whom it knows has tried
    to sign in at its door: that is its own to know, and says nothing to who knocked."""
    come = {
        table: [json.loads(line[2:]) for line in lines if line.startswith("+ ")]
        for table, lines in changed.items()
    }
    told = ("event_type", "outcome", "subject", "actor_label", "changes")
    knock = ["auth.sign_in_failed", "refused", "", "anonymous", {}]
    knocks = {
        one["record_id"]
        for one in come.get("subscriber.audit_record", ())
        if [one[name] for name in told] == knock
    }
    # The record, its address, and the notice that both came of.
    parts = {"audit_record": "record_id", "audit_address": "record_id", "inbox": "command_id"}
    left: dict[str, list[str]] = {}
    for table, lines in changed.items():
        context, _, name = table.partition(".")
        key = parts.get(name) if context == "subscriber" else None
        kept = [
            line
            for line in lines
            if key is None or line[:2] != "+ " or json.loads(line[2:])[key] not in knocks
        ]
        left |= {table: kept} if kept else {}
    return left


def test_every_operation_has_requests() -> None:
    """A new one is given them in tests/e2e/twin_requests.py."""
    assert set(REQUESTS) == set(OPERATIONS)


@pytest.mark.parametrize("name", REQUESTS)
def test_the_requests_do_something(row: Row, name: str) -> None:
    """In its own words a house gets what it asks for: what another's word comes to is its due."""
    answers = row.mirrored(name)
    for asking, answer in zip(REQUESTS[name], answers, strict=True):
        assert answer.status_code in asking.done, answer.text


@pytest.mark.parametrize("name", REQUESTS)
def test_every_place_of_an_id_has_a_request(row: Row, name: str) -> None:
    """Wherever the contract of a message that the operation sends has an id or a cursor, the path
    has it, or one of the requests puts the house's own."""
    row.mirrored(name)
    fields = {
        path.rpartition(".")[2]
        for kind, message in {**COMMANDS, **QUERIES}.items()
        if kind in row.types[name]
        for path in id_paths(message.model_json_schema(by_alias=True))
    }
    found = [
        place for asking in REQUESTS[name] for place in places(asking.document, row.mirror.words)
    ]
    in_the_path = {place.name for place in found if place.path[0] == "path"}
    words = {"slug", "context", "month", "event", "channel", "locale"}
    named = path_parameters()[name] - words
    assert len(in_the_path) >= len(named)
    rest = {place.field for place in found if place.path[0] != "path"}
    assert fields - named - {kind[1] for kind in FREE if kind[0] == name} <= rest


def path_parameters() -> dict[str, set[str]]:
    """The parameters in the path of each operation."""
    return {
        handler.operation_id: set(
            re.findall(
                r"\{(\w+):", f"{vars(controller).get('path', '')}{next(iter(handler.paths))}"
            )
        )
        for controller in CONTROLLERS
        for handler in vars(controller).values()
        if hasattr(handler, "operation_id")
    }


@pytest.mark.parametrize("name", REQUESTS)
def test_the_twins_word_is_like_nobodys(installation: Installation, row: Row, name: str) -> None:
    """In the path, the query and the body, one place after another."""
    wrong: dict[Place, object] = {}
    for asking in REQUESTS[name]:
        for place in places(asking.document, row.twin.words):
            word, nobody = row.twin.words[place.name], nobodys(row.ours.words)[place.name]
            theirs, other = (
                ask(
                    row.ours,
                    name,
                    asking,
                    filled(asking.document, row.ours.own_words, place, one),
                    {},
                )
                for one in (word, nobody)
            )
            if told(theirs, word) != told(other, nobody) or theirs.status_code >= 500:
                wrong[place] = (told(theirs, word), told(other, nobody))
            if betrayed(theirs, row.twin, word):
                wrong[place] = ("betrays", betrayed(theirs, row.twin, word))
    assert wrong == {}
    changed = changes(row.twins_rows, rows_of(installation, row.twin.house.id))
    assert but_for_knocks(changed) == {}


@pytest.mark.parametrize("name", [name for name in REQUESTS if not OPERATIONS[name].open])
def test_the_twins_name_in_a_header_is_like_nobodys(
    installation: Installation, row: Row, name: str
) -> None:
    """X-Tenant-ID says the twin, or the Idempotency-Key is one that the mirror has used: neither
    opens anything, and no answer to another comes again."""
    row.mirrored(name)
    wrong: dict[str, object] = {}
    for place, asking in enumerate(REQUESTS[name]):
        for header, twins in (
            ("X-Tenant-ID", row.twin.house.id),
            ("Idempotency-Key", key_of(name, place)),
        ):
            words = nobodys(row.ours.words)
            theirs, other = (
                ask(row.ours, name, asking, about(row.ours, asking, words), {header: value})
                for value in (twins, str(uuid4()))
            )
            if told(theirs) != told(other) or "idempotency-replayed" in theirs.headers:
                wrong[header] = (told(theirs), told(other))
            if betrayed(theirs, row.twin) | betrayed(theirs, row.mirror):
                wrong[header] = ("betrays", theirs.text)
    assert wrong == {}
    changed = changes(row.twins_rows, rows_of(installation, row.twin.house.id))
    assert but_for_knocks(changed) == {}


def about(house: TwinHouse, asking: Asking, words: dict[str, str]) -> Json:
    """A request of this house in these words; what it makes has an id of its own each time."""
    own = {"tenant": house.house.id, **house.what_is_its_own}
    made = {name: str(uuid4()) for name in words if name.startswith("taken_")}
    document: Json = filled(asking.document, {**words, **made, **own})
    return document
