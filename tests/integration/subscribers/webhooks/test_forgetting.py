"""How long what was sent, and what was to be, is kept."""

import pytest
from sqlalchemy import text

from contracts.subscriber.webhooks import WebhookUpdate
from storage.delivery.engine import make_engine
from storage.subscriber import webhook_deliveries
from storage.subscriber.purging import forget_old
from tests.integration.postgres import Databases
from tests.integration.subscribers.webhooks.conftest import Clockwork, Shop
from tests.integration.subscribers.webhooks.receiver import Receiver

OLD = "UPDATE webhook_delivery SET created_at = now() - interval '31 days' WHERE tenant_id = :it"


async def test_what_nobody_is_going_to_send_goes_with_age(
    shop: Shop,
    clockwork: Clockwork,
    receiver: Receiver,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was delivered goes, and what waits at an endpoint that is switched off; what waits to be
    sent stays, however old it is."""
    on, off = await shop.hook(receiver.url), await shop.hook(receiver.url, "user.created")
    await shop.hears()
    await clockwork.send()
    waiting = await shop.hears("user.created")
    monkeypatch.setattr(webhook_deliveries, "CANCELLED_TIMES", 0)
    await shop.ask(WebhookUpdate, webhook_id=off["id"], enabled=False)
    assert [one["state"] for one in await shop.log(off)] == ["pending"]
    async with shop.desk.administrator.begin() as connection:
        await connection.execute(text(OLD), {"it": shop.id})
    recent = await shop.hears()
    timers = make_engine(databases.of("subscriber").timer, connections=1, name="forgetting")
    await forget_old(timers, 30)
    await timers.dispose()
    left = {one["event_id"] for one in await shop.log(on)}
    assert left == {str(waiting.id), str(recent.id)}
    assert await shop.log(off) == []
