"""Tables of the reports: bookings as last heard, the figures they add up to, and open time."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.delivery.tables import timestamp

# By the date and hour at which it is: the time that is booked, times the quantity.
BOOKED = "booked_seconds"
STATUSES = (
    *("pending", "confirmed", "checked_in", "completed", "no_show"),
    *("cancelled", "rejected", "expired"),
)
CANCELLED_BY = ("by_customer", "by_staff", "by_service", "by_system")
# Steps of a histogram: how long before the start a booking was cancelled, and how long before it
# one that nobody came to had been made.
NOTICES = tuple(f"notice_{step}" for step in range(7))
AHEADS = tuple(f"ahead_{step}" for step in range(7))
# By the date and hour at which a booking starts.
STARTED = (
    "holds",
    *STATUSES,
    *("length_seconds", "lost_seconds"),
    *CANCELLED_BY,
    "late",
    *NOTICES,
    "notice_seconds",
    *AHEADS,
    "ahead_seconds",
)
MEASURES = (BOOKED, *STARTED)

REPORT_TABLES = (
    *("report_booking", "report_day", "report_hour"),
    *("report_rule", "report_open_day", "report_open_hour", "report_calendar"),
)


def add_report_tables(metadata: MetaData) -> None:
    """Declares them."""
    _facts(metadata)
    _figures(metadata)
    _open_time(metadata)
    _surveys(metadata)


def _facts(metadata: MetaData) -> None:
    Table(
        "report_booking",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("booking_id", Uuid, nullable=False),
        # 0 until an event of the booking has been counted.
        Column("sequence", BigInteger, nullable=False, server_default=text("0")),
        Column("resource_ids", ARRAY(Uuid)),
        Column("category_id", Uuid),
        timestamp("starts_at", nullable=True),
        timestamp("ends_at", nullable=True),
        Column("timezone", Text),
        Column("quantity", Integer),
        Column("status", Text),
        Column("on_hold", Boolean),
        timestamp("created_at", nullable=True),
        timestamp("cancelled_at", nullable=True),
        Column("cancelled_by", Text),
        Column("window_hours", Integer),
        # What it was when it was cancelled; any event may bring that, in whatever order they come.
        Column("cancelled_from", Text),
        PrimaryKeyConstraint("tenant_id", "booking_id", name="pk_report_booking"),
    )


def _figures(metadata: MetaData) -> None:
    Table(
        "report_day",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("day", Date, nullable=False),
        Column("resource_id", Uuid, nullable=False),
        # The nil id where there is none.
        Column("category_id", Uuid, nullable=False),
        # Whether it is the booking's own resource, or one that was added to it.
        Column("main", Boolean, nullable=False),
        *_measures(),
        PrimaryKeyConstraint(
            *("tenant_id", "day", "resource_id", "category_id", "main"), name="pk_report_day"
        ),
    )
    Table(
        "report_hour",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("day", Date, nullable=False),
        Column("hour", SmallInteger, nullable=False),
        *_measures(),
        PrimaryKeyConstraint("tenant_id", "day", "hour", name="pk_report_hour"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="ck_report_hour_hour"),
    )


def _measures() -> list[Column[int]]:
    return [
        Column(name, kind_of(name), nullable=False, server_default=text("0")) for name in MEASURES
    ]


def kind_of(measure: str) -> type[Integer]:
    """Seconds times a quantity may be many; nothing else of a day is."""
    return BigInteger if measure.endswith("_seconds") else Integer


def _open_time(metadata: MetaData) -> None:
    Table(
        "report_rule",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("kind", Text, nullable=False),
        Column("object_id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        timestamp("since"),
        Column("document", JSONB, nullable=False),
        PrimaryKeyConstraint(*("tenant_id", "kind", "object_id", "version"), name="pk_report_rule"),
        CheckConstraint("kind IN ('settings', 'resource')", name="ck_report_rule_kind"),
    )
    Table(
        "report_open_day",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("day", Date, nullable=False),
        Column("resource_id", Uuid, nullable=False),
        Column("category_id", Uuid),
        Column("capacity", Integer, nullable=False),
        # Of one unit: in all, and for each hour of the day.
        Column("seconds", Integer, nullable=False),
        Column("hours", ARRAY(SmallInteger), nullable=False),
        PrimaryKeyConstraint("tenant_id", "day", "resource_id", name="pk_report_open_day"),
    )


def _surveys(metadata: MetaData) -> None:
    Table(
        "report_open_hour",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("day", Date, nullable=False),
        Column("hour", SmallInteger, nullable=False),
        # Of all units of all resources.
        Column("seconds", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant_id", "day", "hour", name="pk_report_open_hour"),
    )
    Table(
        "report_calendar",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        # Between these dates all open days are worked out; null where none are.
        Column("surveyed_from", Date),
        Column("surveyed_to", Date),
        # When its rules last changed, or the first question came.
        timestamp("changed_at"),
        PrimaryKeyConstraint("tenant_id", name="pk_report_calendar"),
    )
