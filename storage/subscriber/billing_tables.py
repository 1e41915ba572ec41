"""Billing's tables: what was counted, what is due for each booking, and how the tenant stood."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from storage.delivery.tables import timestamp

# The dearest booking, of the longest time and the largest quantity, has some 22 digits.
AMOUNT = Numeric(30, 4)


def add_billing_tables(metadata: MetaData) -> tuple[Table, ...]:
    """Declares them. None of them knows anything of a person."""
    return (_tally(metadata), _line(metadata), _resource(metadata), _zone(metadata))


def _tally(metadata: MetaData) -> Table:
    """How much of a metric there is on a day, by the month in whose statement it stands."""
    return Table(
        "billing_tally",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("day", Date, nullable=False),
        Column("month", Date, nullable=False),
        Column("metric", Text, nullable=False),
        Column("currency", Text, nullable=False, server_default=text("''")),
        Column("quantity", AMOUNT, nullable=False),
        PrimaryKeyConstraint(
            "tenant_id", "day", "month", "metric", "currency", name="pk_billing_tally"
        ),
        Index("ix_billing_tally_month", "tenant_id", "month"),
    )


def _line(metadata: MetaData) -> Table:
    """What an event made due of a booking, or took back; its id follows from the event's."""
    return Table(
        "billing_line",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("line_id", Uuid, nullable=False),
        Column("month", Date, nullable=False),
        Column("day", Date, nullable=False),
        timestamp("at"),
        Column("booking_id", Uuid, nullable=False),
        Column("resource_id", Uuid, nullable=False),
        Column("kind", Text, nullable=False),
        Column("amount", AMOUNT, nullable=False),
        Column("currency", Text, nullable=False),
        PrimaryKeyConstraint("tenant_id", "line_id", name="pk_billing_line"),
        CheckConstraint("kind IN ('charge', 'correction')", name="ck_billing_line_kind"),
        Index("ix_billing_line_month", "tenant_id", "month", "at", "line_id"),
    )


def _resource(metadata: MetaData) -> Table:
    """From when on a resource could be booked, or could not."""
    return Table(
        "billing_resource",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("resource_id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        timestamp("at"),
        Column("active", Boolean, nullable=False),
        PrimaryKeyConstraint("tenant_id", "resource_id", "version", name="pk_billing_resource"),
    )


def _zone(metadata: MetaData) -> Table:
    """From when on the tenant's days were those of which zone."""
    return Table(
        "billing_zone",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        timestamp("since"),
        Column("timezone", Text, nullable=False),
        PrimaryKeyConstraint("tenant_id", "version", name="pk_billing_zone"),
    )
