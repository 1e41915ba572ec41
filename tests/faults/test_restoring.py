"""What docs/operations.md says of backups, done: everything is lost and comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.house import House, at, close_clients, day_ahead, new_house, sign_in
from tests.faults.bills import agrees
from tests.faults.ledger import Ledger
from tests.faults.rehearsal import Rehearsal, backed_up_under_load, brought_back
from tests.installation import Installation
from tests.waiting import eventually

BOOKINGS = "/reservations/bookings/"


@pytest.fixture(scope="module")
async def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rehearsal]:
    """Backed up under load, lost, brought back; the tests ask it in their order."""
    backup = tmp_path_factory.mktemp("backups") / "tonight"
    with Installation({"RATE_LIMIT_ENABLED": "false"}) as lost:
        platform = sign_in(lost.base_url, None, lost.admin_email, lost.admin_password)
        house = new_house(lost, platform)
        house.open_always(slot_interval_minutes=5, min_advance_minutes=0)
        price = {"amount": "19.99", "currency": "BRL", "per": "hour"}
        ledger = Ledger(house, house.resource(price=price), at(day_ahead(), 0))
        before = await backed_up_under_load(ledger, lost, backup)
        found = await brought_back(ledger, lost, backup)
    yield Rehearsal(ledger, before, found)
    close_clients(found.base_url, found.endpoints["redis"])
    found.close()


def listed(house: House, resource: str) -> dict[str, str]:
    """The bookings of a resource: when each starts, by its id."""
    found: dict[str, str] = {}
    params: dict[str, Any] = {"resource_id": resource, "limit": 200}
    while True:
        page = house.owner.get(BOOKINGS, **params).json()
        found |= {item["id"]: item["starts_at"] for item in page["items"]}
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


def test_what_was_answered_before_the_backup_is_there(rehearsal: Rehearsal) -> None:
    """Every booking that was answered with 201 before the backup began, for the time it was made
    for; and whoever was signed in still is."""
    ledger = rehearsal.ledger
    found = listed(ledger.house, ledger.resource)
    assert len(rehearsal.before) >= 30
    assert {key: found.get(made) for key, made in rehearsal.before.items()} == {
        key: ledger.asked[key]["starts_at"] for key in rehearsal.before
    }
    assert len(set(found.values())) == len(found)


def test_what_was_answered_after_it_is_not(rehearsal: Rehearsal) -> None:
    """The backup is of one moment: what was made later is gone, whole, and nothing stands there
    that nobody was answered about."""
    ledger = rehearsal.ledger
    found = set(listed(ledger.house, ledger.resource))
    assert found < set(ledger.made.values())


async def test_a_repetition_gets_its_first_answer(rehearsal: Rehearsal) -> None:
    """A request of before, sent again under its key, is answered as it was then; one whose booking
    was lost makes it again. Afterwards there is what the answers say."""
    ledger = rehearsal.ledger
    ledger.made = {}
    await ledger.settle()
    assert {key: ledger.made[key] for key in rehearsal.before} == rehearsal.before
    ledger.check()


def test_no_place_is_given_twice(rehearsal: Rehearsal) -> None:
    """Everything that is booked stays taken: whoever else asks for it gets 409."""
    ledger = rehearsal.ledger
    for key in list(ledger.asked)[:20]:
        again = ledger.house.owner.post(BOOKINGS, ledger.asked[key], Idempotency_Key=str(uuid4()))
        assert again.status_code == 409, again.text


async def test_events_go_on_without_a_gap(rehearsal: Rehearsal) -> None:
    """Redis came back older than PostgreSQL: what it lacked is published again, each event once and
    under numbers without a gap, and so is what came afterwards."""
    ledger = rehearsal.ledger
    assert "the stream lost its tail" in rehearsal.installation.log.read_text(encoding="utf-8")
    await eventually(lambda: len(ledger.events()) == len(ledger.made), 30)
    assert set(map(tuple, ledger.events().values())) == {(1,)}
    entries: Any = ledger.house.redis.xrange("reservation.events")
    numbers = [int(at.partition(b"-")[0]) for at, _ in entries]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_billing_is_what_a_recount_says(rehearsal: Rehearsal) -> None:
    """What the subscriber had not heard when the backup was taken reaches it, and what it hears
    twice counts once."""
    found = await agrees(rehearsal.installation, rehearsal.ledger.house)
    made = sum(day.get("bookings_made", 0) for day in found.usage.values())
    assert made == len(rehearsal.ledger.made)


async def test_without_any_redis_it_is_the_same(rehearsal: Rehearsal) -> None:
    """Emptied, Redis is filled again from the outboxes: the same events, the same bill, and the
    next booking is made."""
    ledger = rehearsal.ledger
    before: Any = ledger.house.redis.xrange("reservation.events")
    await asyncio.to_thread(ledger.house.redis.flushall)

    def filled() -> bool:
        now: Any = ledger.house.redis.xrange("reservation.events")
        return [(at, json.loads(one[b"data"])["id"]) for at, one in now] == [
            (at, json.loads(one[b"data"])["id"]) for at, one in before
        ]

    await eventually(filled, 30)
    count = len(ledger.asked)
    ledger.stopping = False
    loading = asyncio.create_task(ledger.load(clients=1))
    try:
        await eventually(lambda: len(ledger.made) >= count + 5, 60)
    finally:
        ledger.stopping = True
        await loading
    await ledger.settle()
    ledger.check()
    await agrees(rehearsal.installation, ledger.house)
