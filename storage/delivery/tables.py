"""Inbox, outbox and relay state, as every context's database has them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}


def timestamp(name: str, *, nullable: bool = False, default: str | None = None) -> Column[object]:
    """An instant, in UTC; `default` is SQL."""
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable,
        server_default=None if default is None else text(default),
    )


def add_delivery_tables(metadata: MetaData) -> None:
    """Declares the tables that `storage.delivery.ddl` makes."""
    _inbox(metadata)
    _outbox(metadata)
    _relay_state(metadata)
    _archive(metadata)


def _inbox(metadata: MetaData) -> None:
    Table(
        "inbox",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("command_id", Uuid, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("reply", Text),
        Column("effects", Text),
        Column("reply_to", Text, nullable=False, server_default=text("''")),
        Column("traceparent", Text, nullable=False, server_default=text("''")),
        timestamp("created_at", default="clock_timestamp()"),
        PrimaryKeyConstraint("tenant_id", "command_id", name="pk_inbox"),
        Index("ix_inbox_created_at", "created_at"),
    )


def _outbox(metadata: MetaData) -> None:
    Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("tenant_id", Uuid, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("sequence", BigInteger),
        Column("type", Text, nullable=False),
        Column("stream", Text, nullable=False),
        Column("fields", JSONB, nullable=False),
        Column("pub_seq", BigInteger),
        timestamp("created_at", default="clock_timestamp()"),
        timestamp("published_at", nullable=True),
        PrimaryKeyConstraint("id", name="pk_outbox"),
        UniqueConstraint("event_id", name="uq_outbox_event_id"),
        UniqueConstraint("pub_seq", name="uq_outbox_pub_seq"),
        Index("ix_outbox_unnumbered", "id", postgresql_where=text("pub_seq IS NULL")),
        Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
        Index(
            "ix_outbox_published_at",
            "published_at",
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )


def _relay_state(metadata: MetaData) -> None:
    Table(
        "relay_state",
        metadata,
        Column("only_one", Boolean, nullable=False, server_default=text("true")),
        Column("high_water", BigInteger, nullable=False, server_default=text("0")),
        Column("next_seq", BigInteger, nullable=False, server_default=text("1")),
        PrimaryKeyConstraint("only_one", name="pk_relay_state"),
    )


def _archive(metadata: MetaData) -> None:
    Table(
        "outbox_archive",
        metadata,
        Column("pub_seq", BigInteger, nullable=False, autoincrement=False),
        Column("event_id", Uuid, nullable=False),
        Column("tenant_id", Uuid, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("fields", JSONB, nullable=False),
        timestamp("published_at"),
        PrimaryKeyConstraint("pub_seq", name="pk_outbox_archive"),
        Index("ix_outbox_archive_tenant_id", "tenant_id"),
        Index("ix_outbox_archive_published_at", "published_at"),
    )
    Table(
        "outbox_archive_state",
        metadata,
        Column("only_one", Boolean, nullable=False, server_default=text("true")),
        Column("forgotten_up_to", BigInteger, nullable=False, server_default=text("0")),
        PrimaryKeyConstraint("only_one", name="pk_outbox_archive_state"),
    )
