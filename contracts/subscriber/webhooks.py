"""Webhooks: a tenant's endpoints, what is sent to them, what is answered and told about them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from contracts.wire.strict import Command, Id, Instant, Page, Query, Strict

# All, all of one kind, or one type.
EventFilter = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^(\*|[a-z][a-z0-9_]*\.(\*|[a-z][a-z0-9_]*))$"),
]
Filters = Annotated[tuple[EventFilter, ...], Field(min_length=1, max_length=100)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[!-~]+$")]
DeliveryState = Literal["pending", "delivered", "failed", "cancelled"]
DisabledReason = Literal["gone", "failing"]


class _WebhookCommand(Command):
    context: ClassVar[str] = "webhook"
    permissions: ClassVar[tuple[str, ...]] = ("webhook:manage",)

    tenant_id: Id


class _WebhookQuery(Query):
    context: ClassVar[str] = "webhook"
    permissions: ClassVar[tuple[str, ...]] = ("webhook:manage",)


class WebhookCreate(_WebhookCommand):
    type: ClassVar[str] = "webhook.create"
    secret_fields: ClassVar[tuple[str, ...]] = ("url",)

    id: Id | None = None
    url: Url
    event_types: Filters
    enabled: bool = True


class WebhookUpdate(_WebhookCommand):
    type: ClassVar[str] = "webhook.update"
    secret_fields: ClassVar[tuple[str, ...]] = ("url",)

    webhook_id: Id
    url: Url | None = None
    event_types: Filters | None = None
    enabled: bool | None = None


class WebhookDelete(_WebhookCommand):
    type: ClassVar[str] = "webhook.delete"

    webhook_id: Id


class WebhookRotateSecret(_WebhookCommand):
    """A new secret; what is sent is signed with both while the old one stays valid."""

    type: ClassVar[str] = "webhook.rotate_secret"

    webhook_id: Id


class WebhookTest(_WebhookCommand):
    """Sends an event of the type `webhook.test`, whatever the endpoint is filtered to."""

    type: ClassVar[str] = "webhook.test"

    webhook_id: Id


class WebhookRedeliver(_WebhookCommand):
    type: ClassVar[str] = "webhook.redeliver"

    webhook_id: Id
    delivery_id: Id


class WebhookRedeliverRange(_WebhookCommand):
    """What was to be delivered from `from`, inclusive, to `to`, exclusive."""

    type: ClassVar[str] = "webhook.redeliver_range"

    webhook_id: Id
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    failed_only: bool = True


class WebhookGet(_WebhookQuery):
    type: ClassVar[str] = "webhook.get"

    webhook_id: Id


class WebhookList(Page):
    type: ClassVar[str] = "webhook.list"
    context: ClassVar[str] = "webhook"
    permissions: ClassVar[tuple[str, ...]] = ("webhook:manage",)


class WebhookDeliveries(Page):
    """What was and is to be sent to one endpoint, newest first."""

    type: ClassVar[str] = "webhook.deliveries"
    context: ClassVar[str] = "webhook"
    permissions: ClassVar[tuple[str, ...]] = ("webhook:manage",)

    webhook_id: Id
    state: DeliveryState | None = None


class WebhookView(Strict):
    """An endpoint without its secrets. `failing_since` is when the first attempt failed after
    which none succeeded; `old_secret_valid_until` is set while a replaced secret signs along."""

    id: Id
    tenant_id: Id
    url: str
    event_types: tuple[str, ...]
    enabled: bool
    disabled_reason: DisabledReason | None
    failing_since: Instant | None
    old_secret_valid_until: Instant | None
    created_by: str
    created_at: Instant
    updated_at: Instant
    version: int


class NewWebhookView(WebhookView):
    """The answer to a creation or a rotation, the one place where the new secret stands."""

    secret: str


class AttemptView(Strict):
    """`error` where there was no answer; `answer` is the head of what was answered."""

    number: int
    at: Instant
    duration_ms: int
    status: int | None
    error: str | None
    answer: str


class DeliveryView(Strict):
    """`event_id` is the `webhook-id` of every attempt, those of a redelivery included."""

    id: Id
    webhook_id: Id
    event_id: Id
    event_type: str
    state: DeliveryState
    created_at: Instant
    next_attempt_at: Instant | None
    attempts: tuple[AttemptView, ...]


class RedeliveredView(Strict):
    """`more`: so many were taken up that the same range has to be asked for again."""

    redelivered: int
    more: bool


class WebhookEventState(Strict):
    """Where it leads by its host alone: the rest of a URL is often a secret."""

    id: Id
    tenant_id: Id
    host: str
    event_types: tuple[str, ...]
    enabled: bool
    disabled_reason: DisabledReason | None
    created_by: str
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int


COMMANDS: tuple[type[Command], ...] = (
    WebhookCreate,
    WebhookUpdate,
    WebhookDelete,
    WebhookRotateSecret,
    WebhookTest,
    WebhookRedeliver,
    WebhookRedeliverRange,
)
QUERIES: tuple[type[Query], ...] = (WebhookGet, WebhookList, WebhookDeliveries)
EVENTS: dict[str, type[Strict]] = {
    "webhook.created": WebhookEventState,
    "webhook.updated": WebhookEventState,
    "webhook.deleted": WebhookEventState,
    "webhook.disabled": WebhookEventState,
    "webhook.secret_rotated": WebhookEventState,
}
