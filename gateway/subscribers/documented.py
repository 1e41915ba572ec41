"""What the OpenAPI document says of the routes to what subscribers keep."""

from contracts.subscriber.audit import AuditList, AuditRecord
from contracts.subscriber.notifications import NotificationList, NotificationView
from contracts.subscriber.webhooks import (
    DeliveryView,
    NewWebhookView,
    RedeliveredView,
    WebhookCreate,
    WebhookDelete,
    WebhookDeliveries,
    WebhookGet,
    WebhookList,
    WebhookRedeliver,
    WebhookRedeliverRange,
    WebhookRotateSecret,
    WebhookTest,
    WebhookUpdate,
    WebhookView,
)
from gateway.edge.openapi.rows import Items, Row

ROWS = (
    Row(
        "audit_list",
        AuditList,
        Items(AuditRecord),
        codes=("range_too_long",),
        way="ask",
        names={"type": "event_type"},
        csv=True,
        says="Changes, sign-ins, refusals of permission and data that was given out. As text/csv it"
        " is one table of all that the filters leave, from `cursor` on, up to 200,000 lines; beyond"
        " it is 400 `range_too_long`: narrow it by `from` and `to`. A table leaves a record.",
    ),
)
NOTIFICATION_ROWS = (
    Row("booking_notifications", NotificationList, Items(NotificationView), way="ask"),
)
WEBHOOK_ROWS = (
    Row(
        "webhook_create",
        WebhookCreate,
        NewWebhookView,
        status=201,
        codes=("id_in_use", "limit_reached"),
        way="tell",
        creates=True,
        locates=True,
        says="Events are sent as Standard Webhooks 1.0. The answer has the `secret`, once.",
    ),
    Row("webhook_list", WebhookList, Items(WebhookView), way="ask"),
    Row("webhook_get", WebhookGet, WebhookView, way="ask"),
    Row("webhook_update", WebhookUpdate, WebhookView, way="tell"),
    Row("webhook_delete", WebhookDelete, status=204, way="tell"),
    Row(
        "webhook_rotate_secret",
        WebhookRotateSecret,
        NewWebhookView,
        way="tell",
        says="For 24 hours both secrets sign; `old_secret_valid_until` says until when.",
    ),
    Row("webhook_test", WebhookTest, DeliveryView, codes=("webhook_disabled",), way="tell"),
    Row(
        "webhook_deliveries",
        WebhookDeliveries,
        Items(DeliveryView),
        way="ask",
        says="Tried ten times over three days, then `failed`; `cancelled` when the endpoint was "
        "switched off. Any 2xx is a success, 410 disables the endpoint, and so do five days "
        "without a success.",
    ),
    Row(
        "webhook_redeliver_range",
        WebhookRedeliverRange,
        RedeliveredView,
        codes=("invalid_interval", "webhook_disabled"),
        way="tell",
    ),
    Row(
        "webhook_redeliver",
        WebhookRedeliver,
        DeliveryView,
        codes=("webhook_disabled",),
        way="tell",
        says="Under the same `webhook-id`.",
    ),
)
