"""Sending again, and sending a test."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from contracts.subscriber.webhooks import WebhookRedeliver, WebhookRedeliverRange, WebhookTest
from contracts.wire.envelope import Envelope
from contracts.wire.identity import object_id_for_command
from contracts.wire.strict import rfc3339
from handlers.delivery.trail import record_of
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send, refused
from handlers.subscribers.webhooks.endpoints import loaded
from handlers.subscribers.webhooks.hearing import delivery_of
from handlers.subscribers.webhooks.views import delivery_view
from storage.delivery.transaction import Writing
from storage.subscriber.webhook_deliveries import (
    add_deliveries,
    attempts_of,
    find_delivery,
    save_delivery,
    take_up_again,
)
from storage.subscriber.webhooks import WebhookRow

# One command changes so many rows, well within what a statement may take.
MOST_AT_ONCE = 5_000
DISABLED = refused("webhook_disabled", "Enable the webhook first.")
NO_DELIVERY = refused("not_found", "There is no such delivery.")
_FAILED = ("failed", "cancelled")


async def send_test(work: Writing, asked: Asked[WebhookTest]) -> Outcome:
    """Afterwards an event of its own is on its way to this endpoint, and to no other."""
    webhook = await _able(work, asked)
    if isinstance(webhook, Refused):
        return webhook
    event = Envelope(
        id=object_id_for_command(asked.envelope.id),
        type="webhook.test",
        source="webhook",
        subject=f"webhook/{webhook.webhook_id}",
        time=rfc3339(work.now),
        tenant_id=work.tenant_id,
        data=orjson.dumps({"webhook_id": str(webhook.webhook_id)}),
    )
    row = delivery_of(event, work.tenant_id, webhook.webhook_id, work.now)
    await add_deliveries(work, (row,))
    return Done(200, delivery_view(row, ()), sends=(_record(work, asked, "tested"),))


async def redeliver(work: Writing, asked: Asked[WebhookRedeliver]) -> Outcome:
    """Afterwards it is sent at once, under the same id, and tried as often as if it were new."""
    webhook = await _able(work, asked)
    if isinstance(webhook, Refused):
        return webhook
    found = await find_delivery(work, webhook.webhook_id, asked.message.delivery_id, lock=True)
    if found is None:
        return NO_DELIVERY
    # What is just being sent stays with who sends it.
    after = replace(found, state="pending", tries=0, due_at=work.now)
    await save_delivery(work, after)
    shown = delivery_view(after, await attempts_of(work, (after.delivery_id,)))
    return Done(200, shown, sends=(_record(work, asked, "redelivered"),))


async def redeliver_range(work: Writing, asked: Asked[WebhookRedeliverRange]) -> Outcome:
    """The same for what failed or was cancelled, and with `failed_only` off for what was delivered,
    too."""
    command = asked.message
    if command.until <= command.since:
        return refused("invalid_interval", "`to` is not after `from`.")
    webhook = await _able(work, asked)
    if isinstance(webhook, Refused):
        return webhook
    states = _FAILED if command.failed_only else (*_FAILED, "delivered")
    count = await take_up_again(
        work, webhook.webhook_id, command.since, command.until, states, MOST_AT_ONCE
    )
    # Sent again, what was delivered is found once more: there is no end to ask for.
    more = count == MOST_AT_ONCE and command.failed_only
    sends = (_record(work, asked, "redelivered", times=count),) if count else ()
    return Done(200, {"redelivered": count, "more": more}, sends=sends)


def _record(work: Writing, asked: Asked[Any], what: str, **more: Any) -> Send:
    """Nothing of the endpoint changes by it, and so there is no event."""
    subject = f"webhook/{asked.message.webhook_id}"
    return record_of(f"webhook.{what}", asked.actor, work.tenant_id, subject, **more)


async def _able(work: Writing, asked: Asked[Any]) -> WebhookRow | Refused:
    webhook_id: UUID = asked.message.webhook_id
    webhook = await loaded(work, webhook_id, asked.message.expected_version)
    if isinstance(webhook, Refused):
        return webhook
    return webhook if webhook.enabled else DISABLED
