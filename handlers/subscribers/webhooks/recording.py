"""What an attempt leaves behind: the log, when it is tried again, what is told of the endpoint."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.subscriber.mail import MailSend
from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id
from contracts.wire.sealing import Keyring
from handlers.delivery.outgoing import Outgoing
from handlers.delivery.work import Done, Happened, Send
from handlers.subscribers.webhooks.overlapping import signing_along
from handlers.subscribers.webhooks.schedule import Answer, next_attempt, reason_to_disable
from handlers.subscribers.webhooks.views import happened
from storage.delivery.transaction import Writing, reading, writing
from storage.subscriber.webhook_claims import Claim
from storage.subscriber.webhook_deliveries import (
    AttemptRow,
    DeliveryRow,
    add_attempt,
    cancel_pending,
    find_delivery,
    save_delivery,
)
from storage.subscriber.webhooks import WebhookRow, find_webhook, mark_failing, save_webhook


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent: the body as it is signed, and the secrets that sign it, opened."""

    url: str
    event_id: UUID
    body: bytes
    secrets: tuple[str, ...]
    traceparent: str = ""


class Records:
    """Reads what is to be sent and writes what became of it, as the tenant's application."""

    def __init__(self, engine: AsyncEngine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._outgoing = Outgoing("webhook", keyring)

    async def parcel(self, claim: Claim) -> Parcel | None:
        """None where there is nothing to send any more."""
        async with reading(self._engine, claim.tenant_id) as read:
            webhook = await find_webhook(read, claim.webhook_id)
            delivery = await find_delivery(read, claim.webhook_id, claim.delivery_id)
        if webhook is None or not webhook.enabled or webhook.withheld:
            return None
        if delivery is None or delivery.state != "pending":
            return None
        newest = self._keyring.open(webhook.secret).decode()
        old = signing_along(self._keyring, webhook, claim.now)
        secrets = (newest, *(secret for secret, _ in old))
        return Parcel(
            webhook.url, delivery.event_id, delivery.payload.encode(), secrets, delivery.traceparent
        )

    async def keep(self, claim: Claim, answer: Answer) -> None:
        """Afterwards the attempt is in the log, and the delivery is done, given up or due again;
        an endpoint that is gone, or has failed for days, is disabled and its tenant told."""
        cause = Envelope(
            id=new_id(),
            type="webhook.attempt",
            source="webhook",
            data=b"{}",
            tenant_id=claim.tenant_id,
            actor=SYSTEM,
        )
        async with writing(
            self._engine,
            claim.tenant_id,
            cause.id,
            fingerprint="",
            actor=SYSTEM.label,
            reply_to="",
            traceparent="",
        ) as (work, found):
            events = await self._kept(work, claim, answer)
            sends = tuple(_told(one, claim.tenant_id) for one in events)
            outcome = Done(204, events=events, sends=sends)
            rows = self._outgoing.rows(cause, outcome, found.began_at)
            await work.finish(
                claim.tenant_id, cause.id, state="done", reply=None, effects=None, outbox=rows
            )

    async def _kept(self, work: Writing, claim: Claim, answer: Answer) -> tuple[Happened, ...]:
        # The endpoint first, as commands lock them.
        webhook = await find_webhook(work, claim.webhook_id, lock=True)
        delivery = await find_delivery(work, claim.webhook_id, claim.delivery_id, lock=True)
        if delivery is None:
            return ()
        ended = claim.now + timedelta(milliseconds=answer.duration_ms)
        number = delivery.attempts + 1
        attempt = AttemptRow(
            tenant_id=claim.tenant_id,
            delivery_id=claim.delivery_id,
            number=number,
            at=claim.now,
            duration_ms=answer.duration_ms,
            status=answer.status,
            error=answer.error,
            answer=answer.head,
        )
        await add_attempt(work, attempt)
        await save_delivery(work, _after(delivery, answer, ended))
        if webhook is None or not webhook.enabled:
            return ()
        return await _judged(work, webhook, answer, ended)


def _told(disabled: Happened, tenant_id: UUID) -> Send:
    """A mail to the tenant: whoever has one endpoint hears of it by no other. Of its address only
    the host is said, for there may be a key in the rest."""
    return Send(MailSend(template="webhook_disabled", about=disabled.state["host"]), tenant_id)


def _after(delivery: DeliveryRow, answer: Answer, ended: datetime) -> DeliveryRow:
    """The delivery after one more attempt; one that was cancelled meanwhile stays so, unless it has
    arrived."""
    tried = replace(
        delivery, attempts=delivery.attempts + 1, tries=delivery.tries + 1, claimed_until=None
    )
    if answer.is_success:
        return replace(tried, state="delivered", due_at=None)
    if delivery.state != "pending":
        return tried
    due_at = next_attempt(tried.tries, ended, answer.retry_after, random.random())
    return replace(tried, state="pending" if due_at else "failed", due_at=due_at)


async def _judged(
    work: Writing, webhook: WebhookRow, answer: Answer, ended: datetime
) -> tuple[Happened, ...]:
    reason = reason_to_disable(answer, webhook.failing_since, ended)
    if reason is not None:
        after = replace(
            webhook,
            enabled=False,
            disabled_reason=reason,
            failing_since=webhook.failing_since or ended,
            version=webhook.version + 1,
            updated_at=work.now,
        )
        await save_webhook(work, after)
        await cancel_pending(work, webhook.webhook_id)
        return (happened("webhook.disabled", after, webhook),)
    if answer.is_success and webhook.failing_since is not None:
        await mark_failing(work, webhook.webhook_id, None)
    if not answer.is_success and webhook.failing_since is None:
        await mark_failing(work, webhook.webhook_id, ended)
    return ()
