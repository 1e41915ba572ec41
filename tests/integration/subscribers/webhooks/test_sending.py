"""What is sent, how it is signed, what follows from the answer, and what the log says of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from contracts.subscriber.webhooks import (
    DeliveryView,
    WebhookRedeliver,
    WebhookRedeliverRange,
    WebhookTest,
    WebhookUpdate,
)
from contracts.wire.identity import new_id
from handlers.subscribers.webhooks.schedule import WAITS
from tests.integration.desk import code_of
from tests.integration.subscribers.webhooks.conftest import Clockwork, Shop, moment
from tests.integration.subscribers.webhooks.receiver import OK, Received, Receiver, answer


def verified(secret: str, got: Received) -> Any:
    """The body, as the reference implementation of Standard Webhooks verifies it."""
    return Webhook(secret).verify(got.body, got.headers)


async def test_an_event_arrives_signed(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """The reference implementation verifies it with the secret of the creation, and with no other;
    the payload is the event, without who did it; the log says that it arrived."""
    hook = await shop.hook(receiver.url, "booking.*")
    event = await shop.hears("booking.created")
    assert await clockwork.send() == 1
    (got,) = receiver.received
    document = verified(hook["secret"], got)
    assert (got.method, got.target) == ("POST", "/hooks?key=canary")
    assert got.headers["webhook-id"] == document["id"] == str(event.id)
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert document == {
        "specversion": "1.0",
        "id": str(event.id),
        "type": "booking.created",
        "source": "booking",
        "subject": event.subject,
        "time": event.time,
        "tenantid": str(shop.id),
        "sequence": 1,
        "datacontenttype": "application/json",
        "data": {"status": "held", "changes": {}},
    }
    other = await shop.hook(receiver.url)
    with pytest.raises(WebhookVerificationError):
        verified(other["secret"], got)
    with pytest.raises(WebhookVerificationError):
        verified(hook["secret"], replace(got, body=got.body + b" "))
    (sent,) = await shop.log(hook)
    DeliveryView.model_validate_json(orjson.dumps(sent))
    assert (sent["state"], sent["next_attempt_at"]) == ("delivered", None)
    (attempt,) = sent["attempts"]
    assert (attempt["number"], attempt["status"], attempt["answer"]) == (1, 200, "thank you")
    assert await clockwork.send() == 0


async def test_filters_say_who_hears(shop: Shop, clockwork: Clockwork, receiver: Receiver) -> None:
    """One type, one kind, or all; an event that comes again is sent once; who is switched off hears
    nothing."""
    one = await shop.hook(receiver.url, "booking.created")
    kind = await shop.hook(receiver.url, "booking.*", "booking.created")
    every = await shop.hook(receiver.url, "*")
    off = await shop.hook(receiver.url, "*")
    await shop.ask(WebhookUpdate, webhook_id=off["id"], enabled=False)
    for event_type in ("booking.created", "booking.cancelled", "user.created"):
        await shop.hears(event_type)
    while await clockwork.send():
        pass
    found = [{sent["event_type"] for sent in await shop.log(it)} for it in (one, kind, every, off)]
    booking = {"booking.created", "booking.cancelled"}
    assert found == [{"booking.created"}, booking, booking | {"user.created"}, set()]
    assert len(receiver.received) == 6


BROKEN: dict[str, tuple[bytes | None, int | None, str | None]] = {
    "an error": (answer(500, "sorry"), 500, None),
    "too many": (answer(429), 429, None),
    "elsewhere": (answer(302, location="http://127.0.0.1:1/"), 302, None),
    "hangs": (None, None, "timeout"),
    "resets": (b"", None, "connection_lost"),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", None, "invalid_answer"),
    "a long answer": (answer(500, "x" * 500_000), 500, None),
    "an answer without a length": (b"HTTP/1.1 500 No\r\n\r\n", 500, None),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_2xx_is_tried_again(
    shop: Shop, new_sender: Callable[..., Clockwork], receiver: Receiver, name: str
) -> None:
    """An error, a redirect that is not followed, silence, a reset: the log says which, and the next
    attempt comes in some 5 seconds, with the same id and the same body."""
    said, status, error = BROKEN[name]
    receiver.script = lambda _: said
    hook = await shop.hook(receiver.url)
    await shop.hears()
    clockwork = new_sender()
    # What hangs is waited for to the end.
    await (new_sender(total_seconds=1.0) if name == "hangs" else clockwork).send()
    (sent,) = await shop.log(hook)
    (attempt,) = sent["attempts"]
    assert (sent["state"], attempt["status"], attempt["error"]) == ("pending", status, error)
    assert len(attempt["answer"]) <= 1000
    failing_since = (await shop.read(hook))["failing_since"]
    wait = moment(sent["next_attempt_at"]) - moment(failing_since)
    assert timedelta(seconds=4) <= wait <= timedelta(seconds=6)
    receiver.script = lambda _: OK
    assert await clockwork.send(moment(sent["next_attempt_at"])) == 1
    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    (sent,) = await shop.log(hook)
    assert (sent["state"], [one["number"] for one in sent["attempts"]]) == ("delivered", [1, 2])
    assert (await shop.read(hook))["failing_since"] is None


@pytest.mark.parametrize("drip", [b"", b"1\r\n.\r\n"])
@pytest.mark.parametrize(("status", "state"), [(200, "delivered"), (503, "pending")])
async def test_an_answer_counts_before_its_end(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, status: int, state: str, drip: bytes
) -> None:
    """A receiver that has said what it thinks, and leaves its body open, or drips for ever, has
    said it."""
    begun = f"HTTP/1.1 {status} Said\r\ntransfer-encoding: chunked\r\n\r\n5\r\nthank\r\n"
    receiver.script = lambda _: begun.encode()
    receiver.stays_on, receiver.drip = True, drip
    hook = await shop.hook(receiver.url)
    await shop.hears()
    await clockwork.send()
    (sent,) = await shop.log(hook)
    (attempt,) = sent["attempts"]
    assert (sent["state"], attempt["status"], attempt["error"]) == (state, status, None)
    assert attempt["answer"].rstrip(".") == "thank"


async def test_it_is_tried_for_days(shop: Shop, clockwork: Clockwork, receiver: Receiver) -> None:
    """Ten attempts, each about so long after the one before as the schedule says, then no more."""
    receiver.script = lambda _: answer(503)
    hook = await shop.hook(receiver.url)
    await shop.hears()
    await clockwork.send()
    sent = (await shop.log(hook))[0]
    while sent["next_attempt_at"]:
        assert await clockwork.send(moment(sent["next_attempt_at"]) - timedelta(seconds=0.5)) == 0
        assert await clockwork.send(moment(sent["next_attempt_at"])) == 1
        sent = (await shop.log(hook))[0]
    assert sent["state"] == "failed"
    gaps = [
        # It is reckoned from the attempt's end.
        moment(later["at"]) - moment(earlier["at"]) - timedelta(milliseconds=earlier["duration_ms"])
        for earlier, later in pairwise(sent["attempts"])
    ]
    assert len(gaps) == len(WAITS) - 1
    for gap, wait in zip(gaps, WAITS[1:], strict=True):
        assert 0.8 * wait <= gap <= 1.2 * wait
    assert len(set(receiver.ids())) == 1


async def test_retry_after_is_honoured(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """A receiver that asks for ten minutes gets them."""
    receiver.script = lambda _: answer(429, retry_after="600")
    hook = await shop.hook(receiver.url)
    await shop.hears()
    await clockwork.send()
    (sent,) = await shop.log(hook)
    since = moment((await shop.read(hook))["failing_since"])
    assert moment(sent["next_attempt_at"]) - since == timedelta(minutes=10)


async def test_a_test_event_goes_to_one_endpoint(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """Whatever that is filtered to, and to no other."""
    hook = await shop.hook(receiver.url, "user.created")
    other = await shop.hook(receiver.url, "*")
    made = (await shop.ask(WebhookTest, webhook_id=hook["id"])).body
    assert (made["event_type"], made["state"]) == ("webhook.test", "pending")
    await clockwork.send()
    (got,) = receiver.received
    assert verified(hook["secret"], got)["type"] == "webhook.test"
    assert [one["id"] for one in await shop.log(hook)] == [made["id"]]
    assert await shop.log(other) == []


async def test_one_is_redelivered(shop: Shop, clockwork: Clockwork, receiver: Receiver) -> None:
    """Under the same id, with the log going on; another endpoint's delivery is not there."""
    hook, other = await shop.hook(receiver.url), await shop.hook(receiver.url, "user.created")
    await shop.hears()
    await clockwork.send()
    (sent,) = await shop.log(hook)
    at = {"webhook_id": hook["id"], "delivery_id": sent["id"]}
    assert (await shop.ask(WebhookRedeliver, **at)).body["state"] == "pending"
    await clockwork.send()
    assert len(set(receiver.ids())) == 1
    (sent,) = await shop.log(hook)
    assert [one["number"] for one in sent["attempts"]] == [1, 2]
    elsewhere = await shop.ask(WebhookRedeliver, **{**at, "webhook_id": other["id"]})
    nowhere = await shop.ask(WebhookRedeliver, **{**at, "delivery_id": str(new_id())})
    assert code_of(elsewhere) == code_of(nowhere) == (404, "not_found")


@pytest.mark.parametrize(("failed_only", "expected"), [(True, 1), (False, 2)])
async def test_a_range_is_redelivered(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, failed_only: bool, expected: int
) -> None:
    """What failed in that time, or everything that is not on its way; `to` is exclusive."""
    hook = await shop.hook(receiver.url)
    first = await shop.hears()
    await shop.hears()
    receiver.script = lambda got: answer(503) if got.headers["webhook-id"] == str(first.id) else OK
    await clockwork.send()
    failing = next(one for one in await shop.log(hook) if one["state"] == "pending")
    while failing["next_attempt_at"]:
        await clockwork.send(moment(failing["next_attempt_at"]))
        failing = next(one for one in await shop.log(hook) if one["id"] == failing["id"])
    newest = max(moment(one["created_at"]) for one in await shop.log(hook))
    fields = {"webhook_id": hook["id"], "failed_only": failed_only}
    since = (newest - timedelta(hours=1)).isoformat()
    until = (newest + timedelta(seconds=1)).isoformat()
    before = {"from": since, "to": moment(failing["created_at"]).isoformat()}
    assert (await shop.ask(WebhookRedeliverRange, **fields, **before)).body["redelivered"] == 0
    reply = await shop.ask(WebhookRedeliverRange, **fields, **{"from": since, "to": until})
    assert reply.body == {"redelivered": expected, "more": False}
    backwards = {"from": until, "to": since}
    reply = await shop.ask(WebhookRedeliverRange, **fields, **backwards)
    assert code_of(reply) == (400, "invalid_interval")


async def test_pages_of_the_log(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, new_shop: Callable[[], Shop]
) -> None:
    """Newest first, each once, and by state."""
    hook = await shop.hook(receiver.url)
    for _ in range(3):
        await shop.hears()
    await clockwork.send()
    await shop.hears()
    whole = [one["id"] for one in await shop.log(hook)]
    assert len(whole) == 4
    assert len(await shop.log(hook, state="delivered")) == 3
    assert [one["id"] for one in await shop.log(hook, limit=2)] == whole[:2]
