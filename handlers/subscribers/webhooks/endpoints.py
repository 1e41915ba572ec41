"""Making, changing and deleting a tenant's webhook endpoints, and their secrets."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from contracts.catalogue import EVENTS
from contracts.subscriber.webhooks import (
    WebhookCreate,
    WebhookDelete,
    WebhookRotateSecret,
    WebhookUpdate,
)
from contracts.wire.identity import object_id_for_command
from contracts.wire.sealing import Keyring
from handlers.delivery.merging import patched
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused, refused_fields
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.hearing_rights import hearing_refusal
from handlers.subscribers.webhooks.overlapping import replaced
from handlers.subscribers.webhooks.signing import new_secret
from handlers.subscribers.webhooks.urls import unfit
from handlers.subscribers.webhooks.views import happened, webhook_view
from storage.delivery.transaction import Writing
from storage.subscriber.webhook_deliveries import cancel_pending
from storage.subscriber.webhooks import (
    WebhookRow,
    add_webhook,
    count_webhooks,
    find_webhook,
    save_webhook,
)

MOST_WEBHOOKS = 50

NOT_FOUND = refused("not_found", "There is no such webhook.")
_KNOWN = frozenset(
    {"*", "webhook.test", *EVENTS, *(f"{name.partition('.')[0]}.*" for name in EVENTS)}
)


class Endpoints:
    """Handles what changes endpoints; secrets are sealed by the keyring wherever they are kept."""

    def __init__(self, keyring: Keyring, reach: Reach) -> None:
        self._keyring = keyring
        self._reach = reach

    async def create(self, work: Writing, asked: Asked[WebhookCreate]) -> Outcome:
        """Afterwards events are sent there. The secret stands in the answer, and never again."""
        command = asked.message
        wrong = hearing_refusal(asked.actor, command.event_types) or self._refusal(command)
        if wrong is not None:
            return wrong
        if await count_webhooks(work) >= MOST_WEBHOOKS:
            return refused("limit_reached", f"An organisation has up to {MOST_WEBHOOKS} webhooks.")
        secret = new_secret()
        row = WebhookRow(
            tenant_id=work.tenant_id,
            webhook_id=command.id or object_id_for_command(asked.envelope.id),
            url=command.url,
            event_types=_filters(command),
            enabled=command.enabled,
            secret=self._keyring.seal(secret.encode()),
            created_by=asked.actor.label,
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
        if not await add_webhook(work, row):
            return refused("id_in_use", "Another webhook has this id.")
        body = {**webhook_view(row, work.now), "secret": secret}
        return Done(201, body, events=(happened("webhook.created", row, None),), private=True)

    async def update(self, work: Writing, asked: Asked[WebhookUpdate]) -> Outcome:
        """A merge patch. What was to be sent to an endpoint that is switched off is cancelled; one
        that is switched on, or leads elsewhere, has a new chance."""
        command = asked.message
        before = await loaded(work, command.webhook_id, command.expected_version)
        if isinstance(before, Refused):
            return before
        fields = {"url", "event_types", "enabled"}
        document: dict[str, Any] = {
            "tenant_id": before.tenant_id,
            **{name: getattr(before, name) for name in fields},
        }
        patch = command.model_dump(mode="json", exclude_unset=True, include=fields)
        wanted = patched(WebhookCreate, document, patch)
        if isinstance(wanted, Refused):
            return wanted
        after = replace(
            before, url=wanted.url, event_types=_filters(wanted), enabled=wanted.enabled
        )
        if after == before:
            return Done(200, webhook_view(before, work.now), private=True)
        # Led elsewhere, it says to others what it says.
        led = (after.url, after.event_types) != (before.url, before.event_types)
        denied = hearing_refusal(asked.actor, after.event_types) if led else None
        wrong = denied or self._refusal(wanted)
        if wrong is not None:
            return wrong
        if after.enabled and (not before.enabled or after.url != before.url):
            after = replace(after, failing_since=None, disabled_reason=None)
        after = replace(after, version=before.version + 1, updated_at=work.now)
        await save_webhook(work, after)
        if not after.enabled:
            await cancel_pending(work, after.webhook_id)
        event = happened("webhook.updated", after, before)
        return Done(200, webhook_view(after, work.now), events=(event,), private=True)

    async def delete(self, work: Writing, asked: Asked[WebhookDelete]) -> Outcome:
        """Afterwards nothing is sent there, and its secrets are gone."""
        command = asked.message
        before = await loaded(work, command.webhook_id, command.expected_version)
        if isinstance(before, Refused):
            return before
        gone = replace(
            before,
            enabled=False,
            secret="",
            old_secret=None,
            old_secret_until=None,
            version=before.version + 1,
            updated_at=work.now,
            deleted_at=work.now,
        )
        await save_webhook(work, gone)
        await cancel_pending(work, gone.webhook_id)
        return Done(204, events=(happened("webhook.deleted", gone, before),))

    async def rotate(self, work: Writing, asked: Asked[WebhookRotateSecret]) -> Outcome:
        """The new secret stands in the answer; those before sign along while they overlap."""
        command = asked.message
        before = await loaded(work, command.webhook_id, command.expected_version)
        if isinstance(before, Refused):
            return before
        secret = new_secret()
        old_secret, until = replaced(self._keyring, before, work.now)
        after = replace(
            before,
            secret=self._keyring.seal(secret.encode()),
            old_secret=old_secret,
            old_secret_until=until,
            version=before.version + 1,
            updated_at=work.now,
        )
        await save_webhook(work, after)
        event = happened("webhook.secret_rotated", after, before)
        body = {**webhook_view(after, work.now), "secret": secret}
        return Done(200, body, events=(event,), private=True)

    def _refusal(self, wanted: WebhookCreate) -> Refused | None:
        errors = []
        wrong = unfit(wanted.url, self._reach)
        if wrong is not None:
            errors.append(("url", wrong.code, wrong.message))
        for place, name in enumerate(wanted.event_types):
            if name not in _KNOWN:
                message = "There are no events of this type."
                errors.append((f"event_types.{place}", "unknown_event_type", message))
        return refused_fields("validation_failed", errors) if errors else None


async def loaded(
    work: Writing, webhook_id: UUID, expected_version: int | None
) -> WebhookRow | Refused:
    """The endpoint under lock, at the version that the caller knows."""
    found = await find_webhook(work, webhook_id, lock=True)
    if found is None:
        return NOT_FOUND
    if expected_version not in (None, found.version):
        return refused("stale_version", f"The version is {found.version}.")
    return found


def _filters(wanted: WebhookCreate) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wanted.event_types))
