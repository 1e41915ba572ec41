"""What the OpenAPI document says of the routes to what subscribers keep."""

from contracts.subscriber.audit import AuditList, AuditRecord
from contracts.subscriber.billing import (
    BillingStatement,
    BillingUsage,
    StatementView,
    UsageView,
)
from contracts.subscriber.notifications import NotificationList, NotificationView
from contracts.subscriber.reports import (
    BookingsView,
    CancellationsView,
    NoShowsView,
    OccupancyView,
    ReportBookings,
    ReportCancellations,
    ReportNoShows,
    ReportOccupancy,
)
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
        "smallest unit. As CSV all lines are there, whatever `limit` is, below rows of what was "
        "counted (`usage`, `earlier_months`) and what is `due`: charges, corrections and total of "
        "each currency, as quantities.",
    ),
)
_DAYS = (
    "`from` and `to` are local dates, both inclusive, 366 days at most. A booking counts on the "
    "date on which it starts, by the clocks of the zone that it was booked in. As CSV: the "
    "`items`. "
)
REPORT_ROWS = (
    Row(
        "report_occupancy",
        ReportOccupancy,
        OccupancyView,
        codes=("range_too_long",),
        way="ask",
        csv=True,
        says=_DAYS + "Booked is what is pending or confirmed, or was, with whatever is booked "
        "beside it, hour by hour where it lies; buffers are not. Open is what the rules say with "
        "which each day ended, clock changes and closures included. By category: that of the "
        "resource on the day. Above 1 only where somebody booked outside the opening hours, or "
        "these were cut afterwards.",
    ),
    Row(
        "report_bookings",
        ReportBookings,
        BookingsView,
        codes=("range_too_long",),
        way="ask",
        csv=True,
        says=_DAYS
        + "By resource, a booking counts for each that it takes; else once. By category: "
        "that of its resource when it was booked, or last moved.",
    ),
    Row(
        "report_cancellations",
        ReportCancellations,
        CancellationsView,
        codes=("range_too_long",),
        way="ask",
        csv=True,
        says=_DAYS + "Reasons are who cancelled and whether that was in time; the words that were "
        "given stand on each booking, for those who may read it. A hold that is released is no "
        "cancellation.",
    ),
    Row(
        "report_no_shows",
        ReportNoShows,
        NoShowsView,
        codes=("range_too_long",),
        way="ask",
        csv=True,
        says=_DAYS,
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
        says="Each secret that is replaced signs along for 24 hours; `old_secret_valid_until` says "
        "until when the last of them does.",
    ),
    Row("webhook_test", WebhookTest, DeliveryView, codes=("webhook_disabled",), way="tell"),
    Row(
        "webhook_deliveries",
        WebhookDeliveries,
        Items(DeliveryView),
        way="ask",
        says="Tried ten times over three days, then `failed`; `cancelled` when the endpoint was "
        "switched off, and what happened since where that was for its failures. Any 2xx is a "
        "success, 410 disables the endpoint, and so do five days without a success.",
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
