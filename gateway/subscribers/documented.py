"""What the OpenAPI document says of the routes to what subscribers keep."""

from contracts.subscriber.audit import AuditList, AuditRecord
from contracts.subscriber.billing import (
    BillingStatement,
    BillingUsage,
    StatementView,
    UsageView,
)
from contracts.subscriber.notifications import NotificationList, NotificationView
from contracts.subscriber.templates import (
    PreviewView,
    TemplateGet,
    TemplateList,
    TemplatePreview,
    TemplateReset,
    TemplateSet,
    TemplateView,
)
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

ROWS = (Row("audit_list", AuditList, Items(AuditRecord), way="ask", names={"type": "event_type"}),)
NOTIFICATION_ROWS = (
    Row("booking_notifications", NotificationList, Items(NotificationView), way="ask"),
)
TEMPLATE_ROWS = (
    Row("template_list", TemplateList, Items(TemplateView), way="ask"),
    Row("template_get", TemplateGet, TemplateView, way="ask"),
    Row(
        "template_set",
        TemplateSet,
        TemplateView,
        codes=("invalid_template",),
        way="tell",
        says="Jinja: the `variables` of the message, `{% if … %}`, and the filters upper, lower, "
        "capitalize, title and trim. Without a `subject` a mail has the installation's.",
    ),
    Row("template_reset", TemplateReset, status=204, way="tell"),
    Row(
        "template_preview",
        TemplatePreview,
        PreviewView,
        codes=("invalid_template",),
        way="tell",
        says="Nothing is kept. The tenant's present text, where none is given.",
    ),
)
BILLING_ROWS = (
    Row(
        "usage",
        BillingUsage,
        UsageView,
        codes=("invalid_interval", "range_too_long"),
        way="ask",
        csv=True,
        says="A moment behind. Bookings count from when they are confirmed: a hold or a request is "
        "none yet. Those that were cancelled are not kept; of days to come what is booked counts.",
    ),
    Row(
        "statement",
        BillingStatement,
        StatementView,
        codes=("range_too_long",),
        way="ask",
        csv=True,
        says="A booking is due when it is confirmed, at the price it was made with; what changes "
        "it, and a cancellation in time, corrects that in the month in which it falls: a month "
        "that is over stays as it is. Cancelled after the window of its terms, or a no-show: it "
        "stays due. Amounts are rounded once for each booking, halves up, to the currency's "
        "smallest unit. As CSV all lines are there, whatever `limit` is.",
    ),
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
