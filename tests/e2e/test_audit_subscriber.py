"""Promise 22 on a real installation: whatever is changed, refused or given out over HTTP leaves a
record, and each event has the one that says the same of it."""

import csv
import io
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from contracts.catalogue import EVENTS
from tests.e2e.house import PASSWORD, House, Json, Person, new_house
from tests.e2e.twin_houses import TwinHouse, furnished
from tests.e2e.twin_requests import REQUESTS, filled
from tests.e2e.who_may import OPERATIONS
from tests.installation import Installation
from tests.waiting import eventually, wait_until

HOME = "127.0.0.1"
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
# Operations that change something or could, and leave no record when they are carried out as in
# tests/e2e/twin_requests.py; and why.
SILENT = {
    "auth_refresh": "nobody's token: of a good one the session's beginning and end are recorded",
    "auth_logout": "nobody's token: of a good one see test_who_comes_and_goes",
    "auth_forgot_password": "nobody's address: of somebody's see test_who_comes_and_goes",
    "auth_reset_password": "nobody's code: with a good one it is user.password_changed",
    "auth_register": "the address is somebody's already: nothing is made",
    "auth_confirm_registration": "nobody's code: with a good one it is user.created",
    "auth_change_password": "a new password that is refused changes nothing",
    "auth_confirm_email": "nobody's code: with a good one it is user.updated",
    "series_preview": "changes nothing",
    "template_preview": "changes nothing",
    "series_retry_skipped": "nothing was skipped",
    "webhook_redeliver_range": "there is nothing in the range",
}


@pytest.fixture(scope="module")
def twin(installation: Installation, platform: Person) -> TwinHouse:
    """A house with an object of every kind."""
    return furnished(new_house(installation, platform), "audited")


def trail(house: House, request_id: str) -> list[Json]:
    """The records that a request led to, in whichever context."""
    found: list[Json] = []
    page: Json = {"limit": 200}
    while True:
        body = house.owner.get(f"/tenants/{house.id}/audit/", **page).json()
        found += [one for one in body["items"] if one["correlation_id"] == request_id]
        if body["next_cursor"] is None:
            return found
        page["cursor"] = body["next_cursor"]


def told(house: House, request_id: str) -> list[Json]:
    """The same, once there are any."""
    found = wait_until(lambda: trail(house, request_id), 10)
    assert found
    return found


def asked(twin: TwinHouse, name: str, place: int) -> tuple[int, str]:
    """The status of one of the operation's requests, and the id that it had."""
    asking, request_id = REQUESTS[name][place], str(uuid4())
    document: Any = filled(asking.document, twin.own_words)
    who = twin.house.owner if asking.by == "owner" else Person(twin.house.base_url)
    sent = {} if document["body"] is None else {"json": document["body"]}
    answer = who.request(
        OPERATIONS[name].method,
        "/".join(document["path"]),
        headers={"X-Request-ID": request_id},
        params=document["query"],
        **sent,
    )
    assert answer.status_code in asking.done, answer.text
    return answer.status_code, request_id


CHANGING = [name for name in REQUESTS if OPERATIONS[name].method in CHANGES]
Answered = dict[str, list[tuple[int, str]]]


@pytest.fixture(scope="module")
def answered(twin: TwinHouse) -> Answered:
    """Everything that could change something, asked once."""
    return {
        name: [asked(twin, name, place) for place in range(len(REQUESTS[name]))]
        for name in CHANGING
    }


@pytest.mark.parametrize("name", [name for name in CHANGING if name not in SILENT])
def test_every_change_leaves_a_record(twin: TwinHouse, answered: Answered, name: str) -> None:
    """Who, what, when, from where: of what was done and of what was refused for want of a
    permission alike."""
    for status, request_id in answered[name]:
        if status >= 400 and status != 403:
            continue
        records = told(twin.house, request_id)
        outcome = "refused" if status == 403 else "succeeded"
        assert {one["outcome"] for one in records} == {outcome}
        for one in records:
            # What the system makes of it by itself comes from nowhere: a place that is free now is
            # offered to whoever waits.
            by_itself = one["actor"]["kind"] == "system" and one["channel"] is None
            assert by_itself or (one["channel"], one["address"]) == ("http", HOME), one
        mine = [one for one in records if one["actor"]["id"] == twin.house.owner.id]
        assert mine or name == "auth_token", records


@pytest.mark.parametrize("name", list(SILENT))
def test_the_silent_ones_are_so(twin: TwinHouse, answered: Answered, name: str) -> None:
    """They are answered, and what is asked for after them has a record before they have one."""
    ids = [request_id for _, request_id in answered[name]]
    marker = str(uuid4())
    twin.house.owner.put(
        f"/tenants/{twin.house.id}/labels", {"booking": marker[:20]}, X_Request_ID=marker
    )
    wait_until(lambda: trail(twin.house, marker), 10)
    assert [trail(twin.house, one) for one in ids] == [[] for _ in ids]


EVENTS_OF = """
    SELECT event_id, type, fields ->> 'subject', sequence, (fields ->> 'actor')::jsonb ->> 'id',
      coalesce(fields ->> 'channel', ''), fields ? 'clientaddress',
      ((fields ->> 'data')::jsonb -> 'changes')::text AS changes
    FROM outbox WHERE tenant_id = $1 AND sequence IS NOT NULL
"""
RECORDS_OF = """
    SELECT r.record_id, event_type, subject, sequence, actor ->> 'id', channel,
      a.address IS NOT NULL, changes::text
    FROM audit_record r LEFT JOIN audit_address a USING (tenant_id, record_id)
    WHERE tenant_id = $1
"""


async def rows(url: str, statement: str, twin: TwinHouse) -> list[Any]:
    """As the administrator sees them."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, twin.house.id))
    finally:
        await connection.close()


async def test_each_event_has_its_record(
    installation: Installation, twin: TwinHouse, answered: Answered
) -> None:
    """Joined to the outboxes: of every event of the house there is one record of its id, type,
    object, version, actor, way and changes; and every event says what it changed."""
    assert answered
    databases = installation.endpoints["databases"]
    contexts = ("tenant", "resource", "user", "reservation", "subscriber")
    events = [row for one in contexts for row in await rows(databases[one], EVENTS_OF, twin)]
    expected = {row[0]: tuple(row)[1:] for row in events}

    async def recorded() -> dict[Any, Any]:
        found = await rows(databases["subscriber"], RECORDS_OF, twin)
        return {row[0]: tuple(row)[1:] for row in found}

    async def all_there() -> bool:
        return set(expected) <= set(await recorded())

    await eventually(all_there, within_seconds=20)
    found = await recorded()
    assert {key: found[key] for key in expected} == expected
    assert [row for row in events if row["changes"] in (None, "{}")] == []
    # What nobody brings about over HTTP in a few seconds: time and other systems do.
    rare = {kind for kind in EVENTS if kind not in {row["type"] for row in events}}
    assert rare <= RARE, rare


RARE = {
    "booking.hold_expired",
    "tenant.deleted",
    "tenant.restored",
    "tenant.suspended",
    "tenant.resumed",
    "user.password_changed",
    "waitlist.offered",
    "waitlist.extended",
    "waitlist.fulfilled",
    "waitlist.lapsed",
    "waitlist.expired",
    "webhook.disabled",
}


def test_who_comes_and_goes(house: House) -> None:
    """Sign-ins that succeed and that fail, the end of one and a forgotten password: each by its
    request, and about the account."""
    email, nobody = f"{uuid4().hex}@people.example", Person(house.base_url)
    made = house.owner.post(
        "/users/", {"email": email, "name": "Ana", "password": PASSWORD, "roles": ["customer"]}
    ).json()
    words = {"tenant": house.slug, "email": email}

    def done(path: str, body: Json, status: int) -> tuple[Json, Json]:
        request_id = str(uuid4())
        answer = nobody.post(path, body, X_Request_ID=request_id)
        assert answer.status_code == status, answer.text
        records = wait_until(lambda: trail(house, request_id), 10)
        assert records is not None
        (record,) = records
        assert (record["subject"], record["address"]) == (f"user/{made['id']}", HOME)
        return record, answer.json() if answer.content else {}

    failed, _ = done("/auth/token", {**words, "password": "wrong"}, 401)
    assert (failed["event_type"], failed["outcome"]) == ("auth.sign_in_failed", "refused")
    assert failed["actor"]["kind"] == "anonymous"
    came, tokens = done("/auth/token", {**words, "password": PASSWORD}, 200)
    assert (came["event_type"], came["actor"]["id"]) == ("auth.signed_in", made["id"])
    went, _ = done("/auth/logout", {"refresh_token": tokens["refresh_token"]}, 204)
    assert (went["event_type"], went["actor"]["id"]) == ("auth.signed_out", made["id"])
    forgot, _ = done("/auth/password/forgot", words, 202)
    assert forgot["event_type"] == "auth.password_reset_requested"


def test_a_refusal_by_a_handler(house: House) -> None:
    """What the gateway lets through and the handler refuses is recorded once."""
    ana, request_id = house.person("customer"), str(uuid4())
    other = house.person("customer")
    slot = {"starts_at": "2030-01-07T10:00:00Z", "ends_at": "2030-01-07T11:00:00Z"}
    answer = ana.post(
        "/reservations/bookings/",
        {"resource_id": house.resource(), "user_id": other.id, **slot},
        X_Request_ID=request_id,
    )
    assert answer.status_code == 403, answer.text
    records = wait_until(lambda: trail(house, request_id), 10)
    assert records is not None
    (record,) = records
    told = [record[name] for name in ("event_type", "operation", "reason", "outcome")]
    assert told == ["permission.refused", "booking.create", "forbidden", "refused"]
    assert record["actor"]["id"] == ana.id


def test_the_trail_as_a_table(house: House) -> None:
    """The table has the records that the list has, for the same filters; that it was taken stands
    in the trail from then on."""
    house.settings(locale="en")
    path, request_id = f"/tenants/{house.id}/audit/", str(uuid4())
    narrow = {"type": "tenant.settings_updated"}

    def settled() -> list[Json]:
        found: list[Json] = house.owner.get(path, **narrow).json()["items"]
        return found if len(found) == 2 else []

    listed = wait_until(settled, 10)
    answer = house.owner.request(
        "GET", path, params=narrow, headers={"Accept": "text/csv", "X-Request-ID": request_id}
    )
    assert answer.status_code == 200, answer.text
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [one["id"] for one in found] == [one["id"] for one in listed]
    assert {one["address"] for one in found} == {HOME}
    (record,) = told(house, request_id)
    assert (record["event_type"], record["actor"]["id"]) == ("audit.exported", house.owner.id)


def test_the_platform_has_a_trail_of_its_own(house: House, platform: Person) -> None:
    """What concerns no tenant is read under the nil id, by the platform alone."""
    path = "/tenants/00000000-0000-0000-0000-000000000000/audit/"
    found = platform.get(path, event_type="auth.signed_in")
    assert found.status_code == 400

    def signed_in() -> list[Json]:
        found = platform.get(path, type="auth.signed_in")
        assert found.status_code == 200, found.text
        return list(found.json()["items"])

    assert {one["actor"]["kind"] for one in wait_until(signed_in, 10)} == {"platform"}
    assert house.owner.get(path).status_code == 404
