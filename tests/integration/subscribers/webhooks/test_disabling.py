"""When an endpoint is switched off, and how its tenant hears of it."""

from collections import Counter
from datetime import timedelta

import pytest

from contracts.subscriber.webhooks import WebhookRedeliverRange, WebhookTest, WebhookUpdate
from storage.subscriber import webhook_deliveries
from tests.integration.desk import Desk, code_of
from tests.integration.subscribers.webhooks.conftest import Clockwork, Shop, moment
from tests.integration.subscribers.webhooks.receiver import OK, Receiver, answer


async def test_410_disables(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, desk: Desk
) -> None:
    """Nothing more is sent there, what was waiting is cancelled, and the tenant is told; what is
    switched on again can have it all."""
    receiver.script = lambda _: answer(410)
    hook = await shop.hook(receiver.url)
    for _ in range(6):
        await shop.hears()
    await clockwork.send()
    found = await shop.read(hook)
    assert (found["enabled"], found["disabled_reason"]) == (False, "gone")
    assert {sent["state"] for sent in await shop.log(hook)} == {"cancelled"}
    assert await clockwork.send() == 0
    *_, told = await desk.events(hook["id"])
    assert (told.type, told.sequence) == ("webhook.disabled", found["version"])
    assert told.data["changes"]["enabled"] == {"before": True, "after": False}
    ((mail,),) = await desk.rows(
        "SELECT fields FROM outbox WHERE tenant_id = :it AND type = 'mail.send'", it=shop.id
    )
    assert '"template":"webhook_disabled"' in mail["data"]
    assert "127.0.0.1" not in mail["data"]
    at = {"webhook_id": hook["id"]}
    assert code_of(await shop.ask(WebhookTest, **at)) == (409, "webhook_disabled")
    again = await shop.ask(WebhookUpdate, **at, enabled=True)
    assert (again.body["disabled_reason"], again.body["failing_since"]) == (None, None)


async def test_a_long_queue_is_cancelled_step_by_step(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No step is longer than a statement may be; what there was no step for is not sent either."""
    hook = await shop.hook(receiver.url)
    for _ in range(7):
        await shop.hears()
    monkeypatch.setattr(webhook_deliveries, "CANCELLED_AT_ONCE", 2)
    monkeypatch.setattr(webhook_deliveries, "CANCELLED_TIMES", 3)
    await shop.ask(WebhookUpdate, webhook_id=hook["id"], enabled=False)
    states = Counter(sent["state"] for sent in await shop.log(hook))
    assert states == {"cancelled": 6, "pending": 1}
    assert await clockwork.send() == 0
    monkeypatch.setattr(webhook_deliveries, "CANCELLED_TIMES", 4)
    other = await shop.hook(receiver.url)
    for _ in range(7):
        await shop.hears()
    await shop.ask(WebhookUpdate, webhook_id=other["id"], enabled=False)
    assert {sent["state"] for sent in await shop.log(other)} == {"cancelled"}


async def test_what_a_disabled_endpoint_missed_is_redelivered(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """Also what happened since it failed; of what happened while somebody had it off there is
    nothing to be had."""
    receiver.script = lambda _: answer(410)
    hook = await shop.hook(receiver.url, "booking.*")
    at = {"webhook_id": hook["id"]}
    failed = await shop.hears()
    await clockwork.send()
    missed = await shop.hears("booking.cancelled")
    await shop.hears("user.created")
    assert await clockwork.send() == 0
    await shop.ask(WebhookUpdate, **at, enabled=True)
    await shop.ask(WebhookUpdate, **at, enabled=False)
    await shop.hears("booking.updated")
    await shop.ask(WebhookUpdate, **at, enabled=True)
    assert len(await shop.log(hook)) == 2
    receiver.script = lambda _: OK
    receiver.received.clear()
    now = moment((await shop.log(hook))[0]["created_at"])
    since, until = ((now + timedelta(minutes=some)).isoformat() for some in (-5, 5))
    reply = await shop.ask(WebhookRedeliverRange, **at, **{"from": since, "to": until})
    assert reply.body == {"redelivered": 2, "more": False}
    await clockwork.send()
    assert set(receiver.ids()) == {str(failed.id), str(missed.id)}


async def test_a_deleted_tenant_sends_nothing(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """Neither what was waiting nor what still happens, its deletion included; once it is restored
    all of it is sent."""
    await shop.hook(receiver.url)
    waiting = await shop.hears()
    gone = await shop.hears("tenant.deleted", version=4, deleted_at="2026-11-24T09:00:00Z")
    late = await shop.hears("booking.hold_expired")
    assert await clockwork.send() == 0
    back = await shop.hears("tenant.restored", version=5, deleted_at=None)
    while await clockwork.send():
        pass
    assert set(receiver.ids()) == {str(one.id) for one in (waiting, gone, late, back)}


async def test_days_without_a_tenant_are_no_failing_days(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """An endpoint that had begun to fail has its five days once more."""
    receiver.script = lambda _: answer(500)
    hook = await shop.hook(receiver.url)
    await shop.hears()
    await clockwork.send()
    since = moment((await shop.read(hook))["failing_since"])
    await shop.hears("tenant.deleted", version=4, deleted_at="2026-11-24T09:00:00Z")
    await shop.hears("tenant.restored", version=5, deleted_at=None)
    await clockwork.send(since + timedelta(days=20))
    assert (await shop.read(hook))["enabled"]


async def test_what_is_heard_late_of_a_tenant_counts_no_more(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """The later version of the tenant is the one that counts, in whatever order both are heard."""
    await shop.hook(receiver.url, "booking.*")
    await shop.hears()
    await shop.hears("tenant.restored", version=5, deleted_at=None)
    await shop.hears("tenant.deleted", version=4, deleted_at="2026-11-24T09:00:00Z")
    assert await clockwork.send() == 1


async def test_five_failing_days_disable(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, desk: Desk
) -> None:
    """A failure less than five days after the first does not, one after it does; a success in
    between begins anew."""
    receiver.script = lambda _: answer(500)
    hook = await shop.hook(receiver.url)
    await shop.hears()
    await clockwork.send()
    since = moment((await shop.read(hook))["failing_since"])
    await shop.hears()
    await clockwork.send(since + timedelta(days=4, hours=23))
    assert (await shop.read(hook))["enabled"]
    await shop.hears()
    await clockwork.send(since + timedelta(days=5))
    found = await shop.read(hook)
    assert (found["enabled"], found["disabled_reason"]) == (False, "failing")
    assert [one.type for one in await desk.events(hook["id"])] == [
        "webhook.created",
        "webhook.disabled",
    ]
