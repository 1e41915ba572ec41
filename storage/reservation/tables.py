"""Tables of the reservation database."""

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from storage.delivery.tables import add_delivery_tables, timestamp

METADATA = MetaData()
add_delivery_tables(METADATA)

BOOKING = Table(
    "booking",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("resource_ids", ARRAY(Uuid), nullable=False),
    Column("category_id", Uuid),
    Column("user_id", Uuid),
    Column("series_id", Uuid),
    timestamp("starts_at"),
    timestamp("ends_at"),
    Column("timezone", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("notes", Text),
    Column("attributes", JSONB, nullable=False),
    Column("price", JSONB),
    timestamp("hold_expires_at", nullable=True),
    Column("rules_version", BigInteger, nullable=False),
    Column("cancellation_window_hours", Integer, nullable=False),
    Column("reschedule_window_hours", Integer),
    Column("buffer_before_minutes", Integer, nullable=False),
    Column("buffer_after_minutes", Integer, nullable=False),
    Column("hold_ttl_seconds", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("cancelled_at", nullable=True),
    Column("cancelled_by", Text),
    Column("cancellation_reason", Text),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "booking_id", name="pk_booking"),
    CheckConstraint("ends_at > starts_at", name="ck_booking_interval"),
    CheckConstraint("quantity >= 1", name="ck_booking_quantity"),
    Index("ix_booking_starts_at", "tenant_id", "starts_at", "booking_id"),
    Index("ix_booking_resource", "tenant_id", "resource_id", "starts_at", "booking_id"),
    Index("ix_booking_user", "tenant_id", "user_id", "starts_at", "booking_id"),
    Index(
        "ix_booking_due",
        "tenant_id",
        "hold_expires_at",
        postgresql_where=text("status = 'held'"),
    ),
    Index(
        "ix_booking_undecided",
        "tenant_id",
        "starts_at",
        postgresql_where=text("status = 'pending'"),
    ),
)

ALLOCATION = Table(
    "allocation",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("blocked", TSTZRANGE, nullable=False),
    timestamp("blocked_from"),
    timestamp("blocked_to"),
    Column("quantity", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    timestamp("hold_expires_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "resource_id", "booking_id", name="pk_allocation"),
    ExcludeConstraint(
        ("resource_id", "="),
        ("tenant_id", "="),
        ("blocked", "&&"),
        using="gist",
        where=text("active AND exclusive"),
        name="ex_allocation",
    ),
    CheckConstraint(
        "blocked_to > blocked_from AND blocked_to - blocked_from <= interval '33 days'",
        name="ck_allocation_length",
    ),
    CheckConstraint("blocked = tstzrange(blocked_from, blocked_to)", name="ck_allocation_blocked"),
    Index(
        "ix_allocation_busy",
        "tenant_id",
        "resource_id",
        "blocked_from",
        postgresql_include=["blocked_to", "quantity", "booking_id", "hold_expires_at"],
        postgresql_where=text("active"),
    ),
    Index("ix_allocation_booking", "tenant_id", "booking_id"),
)

RESOURCE_GATE = Table(
    "resource_gate",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("capacity", Integer),
    Column("capacity_before", BigInteger),
    PrimaryKeyConstraint("tenant_id", "resource_id", name="pk_resource_gate"),
)

BOOKING_HISTORY = Table(
    "booking_history",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    timestamp("at"),
    Column("actor", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("overridden", ARRAY(Text), nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("tenant_id", "booking_id", "version", name="pk_booking_history"),
    ForeignKeyConstraint(
        ["tenant_id", "booking_id"],
        ["booking.tenant_id", "booking.booking_id"],
        name="fk_booking_history_booking",
    ),
)

BOOKING_SERIES = Table(
    "booking_series",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("series_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("rrule", Text, nullable=False),
    Column("pattern", JSONB, nullable=False),
    timestamp("starts_at"),
    timestamp("ends_at"),
    Column("timezone", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("notes", Text),
    Column("attributes", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "series_id", name="pk_booking_series"),
)

BOOKING_SERIES_SKIPPED = Table(
    "booking_series_skipped",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("series_id", Uuid, nullable=False),
    timestamp("starts_at"),
    timestamp("ends_at"),
    Column("code", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "series_id", "starts_at", name="pk_booking_series_skipped"),
    ForeignKeyConstraint(
        ["tenant_id", "series_id"],
        ["booking_series.tenant_id", "booking_series.series_id"],
        name="fk_booking_series_skipped_series",
    ),
)

Index(
    "ix_booking_series",
    BOOKING.c.tenant_id,
    BOOKING.c.series_id,
    BOOKING.c.starts_at,
    postgresql_where=text("series_id IS NOT NULL"),
)
