"""Secrets that are replaced sign along for a while, whichever of them a receiver has."""

from datetime import UTC, datetime

from standardwebhooks import Webhook

from contracts.subscriber.webhooks import WebhookRotateSecret
from tests.integration.desk import Desk
from tests.integration.subscribers.webhooks.conftest import Clockwork, Shop, moment
from tests.integration.subscribers.webhooks.receiver import Received, Receiver
from tests.integration.subscribers.webhooks.test_sending import verified


def signs(secret: str, got: Received) -> bool:
    """Whether the reference implementation signs it so, whatever the clock says by now."""
    at = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(got.headers["webhook-id"], at, got.body.decode())
    return signature in got.headers["webhook-signature"].split(" ")


async def test_two_secrets_sign_while_they_overlap(
    shop: Shop, clockwork: Clockwork, receiver: Receiver, desk: Desk
) -> None:
    """After a rotation each of the two secrets verifies; a day later the new one alone signs."""
    hook = await shop.hook(receiver.url)
    rotated = (await shop.ask(WebhookRotateSecret, webhook_id=hook["id"])).body
    assert rotated["secret"] != hook["secret"]
    await shop.hears()
    await clockwork.send()
    (got,) = receiver.received
    assert verified(hook["secret"], got) == verified(rotated["secret"], got)
    assert [one[:3] for one in got.headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]
    until = moment(rotated["old_secret_valid_until"])
    await shop.hears()
    await clockwork.send(until)
    assert " " not in receiver.received[-1].headers["webhook-signature"]
    told = (await desk.events(hook["id"]))[-1]
    assert told.type == "webhook.secret_rotated"
    assert "whsec_" not in str(told)


async def test_a_second_rotation_cuts_nobody_off(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """Whichever secret a receiver has, it verifies for a day from when that one was replaced; the
    next rotation prolongs none."""
    hook = await shop.hook(receiver.url)
    first, second = [
        (await shop.ask(WebhookRotateSecret, webhook_id=hook["id"])).body for _ in range(2)
    ]
    known = (hook["secret"], first["secret"], second["secret"])
    found = []
    for ends in (None, first["old_secret_valid_until"], second["old_secret_valid_until"]):
        await shop.hears()
        await clockwork.send(ends and moment(ends))
        found.append([signs(secret, receiver.received[-1]) for secret in known])
    assert found == [[True, True, True], [False, True, True], [False, False, True]]


async def test_of_many_rotations_the_oldest_and_the_newest_sign(
    shop: Shop, clockwork: Clockwork, receiver: Receiver
) -> None:
    """A header has an end; what a receiver is likeliest to have stays in it."""
    hook = await shop.hook(receiver.url)
    known = [hook["secret"]]
    for _ in range(7):
        rotated = await shop.ask(WebhookRotateSecret, webhook_id=hook["id"])
        known.append(rotated.body["secret"])
    await shop.hears()
    await clockwork.send()
    (got,) = receiver.received
    assert [signs(secret, got) for secret in known] == [True, *[False] * 3, *[True] * 4]
