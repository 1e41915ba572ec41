"""Tables of the subscribers' database; each subscriber owns its own."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.delivery.tables import add_delivery_tables, timestamp
from storage.subscriber.billing_tables import add_billing_tables
from storage.subscriber.report_tables import add_report_tables

METADATA = MetaData()
add_delivery_tables(METADATA)
BILLING = add_billing_tables(METADATA)
add_report_tables(METADATA)

AUDIT_RECORD = Table(
    "audit_record",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    timestamp("at"),
    Column("context", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sequence", BigInteger),
    Column("actor", JSONB, nullable=False),
    Column("actor_label", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("outcome", Text, nullable=False, server_default=text("'succeeded'")),
    # By which way it came in, what was asked for and why it was refused, where that is known.
    Column("channel", Text, nullable=False, server_default=text("''")),
    Column("operation", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("times", Integer, nullable=False, server_default=text("1")),
    timestamp("until", nullable=True),
    PrimaryKeyConstraint("tenant_id", "record_id", name="pk_audit_record"),
    Index("ix_audit_record_at", "tenant_id", "at", "record_id"),
    Index("ix_audit_record_subject", "tenant_id", "subject", "at"),
    Index("ix_audit_record_actor_label", "tenant_id", "actor_label", "at"),
    Index("ix_audit_record_event_type", "tenant_id", "event_type", "at"),
    Index(
        "ix_audit_record_erased",
        "tenant_id",
        "subject",
        postgresql_where=text("event_type = 'user.erased'"),
    ),
)

AUDIT_ADDRESS = Table(
    "audit_address",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    timestamp("at"),
    # Whose address it is, as `user/{id}`.
    Column("person", Text),
    Column("address", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "record_id", name="pk_audit_address"),
    ForeignKeyConstraint(
        ["tenant_id", "record_id"],
        ["audit_record.tenant_id", "audit_record.record_id"],
        name="fk_audit_address_record",
    ),
    Index("ix_audit_address_at", "at"),
    Index("ix_audit_address_person", "tenant_id", "person"),
)

WEBHOOK = Table(
    "webhook",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("webhook_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_reason", Text),
    timestamp("failing_since", nullable=True),
    # Sealed by the installation's keyring; so are the old ones, which sign along for a while.
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),
    timestamp("old_secret_until", nullable=True),
    Column("created_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    # Nothing is sent while the tenant is deleted, as it was in this version.
    Column("withheld", Boolean, nullable=False, server_default=text("false")),
    Column("tenant_version", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id", "webhook_id", name="pk_webhook"),
    Index("ix_webhook_created_at", "tenant_id", "created_at", "webhook_id"),
)

WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("delivery_id", Uuid, nullable=False),
    Column("webhook_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    # As it is signed, byte for byte, at every attempt.
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    # How often it was sent at all, and how far it is in the schedule.
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    timestamp("due_at", nullable=True),
    timestamp("claimed_until", nullable=True),
    timestamp("created_at"),
    Column("traceparent", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("tenant_id", "delivery_id", name="pk_webhook_delivery"),
    ForeignKeyConstraint(
        ["tenant_id", "webhook_id"],
        ["webhook.tenant_id", "webhook.webhook_id"],
        name="fk_webhook_delivery_webhook",
        ondelete="CASCADE",
    ),
    CheckConstraint(
        "state IN ('pending', 'delivered', 'failed', 'cancelled')",
        name="ck_webhook_delivery_state",
    ),
    Index("ix_webhook_delivery_created_at", "tenant_id", "webhook_id", "created_at", "delivery_id"),
    Index(
        "ix_webhook_delivery_due_at",
        "tenant_id",
        "webhook_id",
        "due_at",
        postgresql_where=text("state = 'pending'"),
    ),
)

WEBHOOK_ATTEMPT = Table(
    "webhook_attempt",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("delivery_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    timestamp("at"),
    Column("duration_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("answer", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "delivery_id", "number", name="pk_webhook_attempt"),
    ForeignKeyConstraint(
        ["tenant_id", "delivery_id"],
        ["webhook_delivery.tenant_id", "webhook_delivery.delivery_id"],
        name="fk_webhook_attempt_delivery",
        ondelete="CASCADE",
    ),
)

NOTIFICATION = Table(
    "notification",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("notification_id", Uuid, nullable=False),
    Column("template", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("booking_id", Uuid),
    Column("user_id", Uuid),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("reason", Text),
    Column("payload", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    timestamp("created_at"),
    timestamp("due_at"),
    timestamp("ended_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "notification_id", name="pk_notification"),
    Index("ix_notification_booking", "tenant_id", "booking_id", "created_at", "notification_id"),
    Index(
        "ix_notification_due",
        "channel",
        "tenant_id",
        "due_at",
        postgresql_where=text("state = 'queued'"),
    ),
    Index("ix_notification_sealed", "ended_at", postgresql_where=text("payload IS NOT NULL")),
    Index("ix_notification_sent", "tenant_id", "ended_at", postgresql_where=text("state = 'sent'")),
)

# The tenant's own texts. One that was given up keeps its row, and its place in the count.
NOTIFICATION_TEMPLATE = Table(
    "notification_template",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("subject", Text),
    Column("body", Text),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    PrimaryKeyConstraint(
        "tenant_id", "event", "channel", "locale", name="pk_notification_template"
    ),
)
