"""The map of webhooks: which message goes to which function."""

from contracts.subscriber import webhooks
from contracts.wire.sealing import Keyring
from handlers.delivery.named_tenant import command_of_tenant, query_in_tenant
from handlers.delivery.work import CommandRoute, QueryRoute
from handlers.subscribers.webhooks import questions, redelivering
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.endpoints import Endpoints


def webhook_routes(
    secret: str, keyring: Keyring, reach: Reach
) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the webhook subscriber handles. URLs are told to who asks, sealed: they
    often hold a secret."""
    endpoints = Endpoints(keyring, reach)
    lists = questions.WebhookLists(secret)
    return (
        command_of_tenant(webhooks.WebhookCreate, endpoints.create),
        command_of_tenant(webhooks.WebhookUpdate, endpoints.update),
        command_of_tenant(webhooks.WebhookDelete, endpoints.delete),
        command_of_tenant(webhooks.WebhookRotateSecret, endpoints.rotate),
        command_of_tenant(webhooks.WebhookTest, redelivering.send_test),
        command_of_tenant(webhooks.WebhookRedeliver, redelivering.redeliver),
        command_of_tenant(webhooks.WebhookRedeliverRange, redelivering.redeliver_range),
        query_in_tenant(webhooks.WebhookGet, questions.get_webhook, private=True),
        query_in_tenant(webhooks.WebhookList, lists.endpoints, private=True),
        query_in_tenant(webhooks.WebhookDeliveries, lists.deliveries, private=True),
    )
