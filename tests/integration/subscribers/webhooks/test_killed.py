"""A sender that dies in the middle of a delivery."""

import asyncio
import sys
from datetime import timedelta

import pytest

from handlers.subscribers.webhooks.sender import LEASE
from tests.integration.desk import Desk
from tests.integration.postgres import Databases
from tests.integration.subscribers.webhooks.conftest import Clockwork, Shop
from tests.integration.subscribers.webhooks.receiver import Receiver


@pytest.mark.parametrize(("place", "taken"), [("before_post", 0), ("after_post", 1)])
async def test_what_a_killed_sender_had_in_hand_is_sent_again(
    shop: Shop,
    clockwork: Clockwork,
    receiver: Receiver,
    desk: Desk,
    databases: Databases,
    place: str,
    taken: int,
) -> None:
    """`kill -9` before the receiver has it, or after: nobody else sends it while the claim lasts,
    and then it is sent under the same id with the same body, and logged. At least once."""
    hook = await shop.hook(receiver.url)
    event = await shop.hears()
    database = databases.of("subscriber")
    killed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.subscribers.webhooks.killed",
        place,
        database.timer,
        database.app,
    )
    assert await killed.wait() == -9
    assert len(receiver.received) == taken
    (left,) = await shop.log(hook)
    assert (left["state"], left["attempts"]) == ("pending", [])
    rows = await desk.rows(
        "SELECT claimed_until, claimed_until - due_at FROM webhook_delivery WHERE tenant_id = :it",
        it=shop.id,
    )
    ((until, held),) = rows
    assert held >= LEASE
    assert await clockwork.send(until - timedelta(seconds=0.5)) == 0
    assert await clockwork.send(until) == 1
    assert receiver.ids() == [str(event.id)] * (taken + 1)
    assert len({one.body for one in receiver.received}) == 1
    (sent,) = await shop.log(hook)
    assert (sent["state"], [one["number"] for one in sent["attempts"]]) == ("delivered", [1])
