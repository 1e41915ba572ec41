"""The map of webhooks: which message goes to which function."""

from typing import Any

from contracts.subscriber import webhooks
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Command
from handlers.delivery.named_tenant import command_in_tenant, query_in_tenant
from handlers.delivery.work import Asked, CommandRoute, Decide, Outcome, QueryRoute
from handlers.subscribers.webhooks import questions, redelivering
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.endpoints import NOT_FOUND, Endpoints
from storage.delivery.transaction import Writing


def _named(message: type[Command], decide: Decide) -> CommandRoute:
    """The route of a command that names its tenant, which is the envelope's or is not there."""

    async def checked(work: Writing, asked: Asked[Any]) -> Outcome:
        is_another = asked.message.tenant_id != asked.tenant_id
        return NOT_FOUND if is_another else await decide(work, asked)

    return command_in_tenant(message, checked)


def webhook_routes(
    secret: str, keyring: Keyring, reach: Reach
) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the webhook subscriber handles. URLs are told to who asks, sealed: they
    often hold a secret."""
    endpoints = Endpoints(keyring, reach)
    lists = questions.WebhookLists(secret)
    return (
        _named(webhooks.WebhookCreate, endpoints.create),
        _named(webhooks.WebhookUpdate, endpoints.update),
        _named(webhooks.WebhookDelete, endpoints.delete),
        _named(webhooks.WebhookRotateSecret, endpoints.rotate),
        _named(webhooks.WebhookTest, redelivering.send_test),
        _named(webhooks.WebhookRedeliver, redelivering.redeliver),
        _named(webhooks.WebhookRedeliverRange, redelivering.redeliver_range),
        query_in_tenant(webhooks.WebhookGet, questions.get_webhook, private=True),
        query_in_tenant(webhooks.WebhookList, lists.endpoints, private=True),
        query_in_tenant(webhooks.WebhookDeliveries, lists.deliveries, private=True),
    )
