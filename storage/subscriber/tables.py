"""Tables of the subscribers' database; each subscriber owns its own."""

from sqlalchemy import BigInteger, Column, Index, MetaData, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from storage.delivery.tables import add_delivery_tables, timestamp

METADATA = MetaData()
add_delivery_tables(METADATA)

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
    PrimaryKeyConstraint("tenant_id", "record_id", name="pk_audit_record"),
    Index("ix_audit_record_at", "tenant_id", "at", "record_id"),
    Index("ix_audit_record_subject", "tenant_id", "subject", "at"),
    Index("ix_audit_record_actor_label", "tenant_id", "actor_label", "at"),
)
