"""Reports: bookings as last heard, their figures by day and by hour, rules, and open time."""

from alembic import op

from storage.delivery.ddl import forgettable, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BOOKING = """
CREATE TABLE report_booking (
    tenant_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    sequence bigint NOT NULL DEFAULT 0,
    resource_ids uuid[],
    category_id uuid,
    starts_at timestamptz,
    ends_at timestamptz,
    timezone text,
    quantity integer,
    status text,
    on_hold boolean,
    created_at timestamptz,
    cancelled_at timestamptz,
    cancelled_by text,
    window_hours integer,
    cancelled_from text,
    CONSTRAINT pk_report_booking PRIMARY KEY (tenant_id, booking_id)
)
"""

MEASURES = (
    "booked_seconds",
    "holds",
    *("pending", "confirmed", "checked_in", "completed", "no_show"),
    *("cancelled", "rejected", "expired"),
    *("length_seconds", "lost_seconds"),
    *("by_customer", "by_staff", "by_service", "by_system"),
    "late",
    *(f"notice_{step}" for step in range(7)),
    "notice_seconds",
    *(f"ahead_{step}" for step in range(7)),
    "ahead_seconds",
)
COLUMNS = "".join(
    f"    {name} {'bigint' if name.endswith('_seconds') else 'integer'} NOT NULL DEFAULT 0,\n"
    for name in MEASURES
)

DAY = f"""
CREATE TABLE report_day (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    resource_id uuid NOT NULL,
    category_id uuid NOT NULL,
    main boolean NOT NULL,
{COLUMNS}
    CONSTRAINT pk_report_day PRIMARY KEY (tenant_id, day, resource_id, category_id, main)
)
"""

HOUR = f"""
CREATE TABLE report_hour (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
{COLUMNS}
    CONSTRAINT pk_report_hour PRIMARY KEY (tenant_id, day, hour),
    CONSTRAINT ck_report_hour_hour CHECK (hour BETWEEN 0 AND 23)
)
"""

RULE = """
CREATE TABLE report_rule (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    object_id uuid NOT NULL,
    version bigint NOT NULL,
    since timestamptz NOT NULL,
    document jsonb NOT NULL,
    CONSTRAINT pk_report_rule PRIMARY KEY (tenant_id, kind, object_id, version),
    CONSTRAINT ck_report_rule_kind CHECK (kind IN ('settings', 'resource'))
)
"""

OPEN_DAY = """
CREATE TABLE report_open_day (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    resource_id uuid NOT NULL,
    category_id uuid,
    capacity integer NOT NULL,
    seconds integer NOT NULL,
    hours smallint[] NOT NULL,
    CONSTRAINT pk_report_open_day PRIMARY KEY (tenant_id, day, resource_id)
)
"""

OPEN_HOUR = """
CREATE TABLE report_open_hour (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    seconds bigint NOT NULL,
    CONSTRAINT pk_report_open_hour PRIMARY KEY (tenant_id, day, hour)
)
"""

CALENDAR = """
CREATE TABLE report_calendar (
    tenant_id uuid NOT NULL,
    surveyed_from date,
    surveyed_to date,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_report_calendar PRIMARY KEY (tenant_id)
)
"""
TABLES = ("report_booking", "report_day", "report_hour", "report_rule")


def upgrade() -> None:
    for statement in (BOOKING, DAY, HOUR, RULE, OPEN_DAY, OPEN_HOUR, CALENDAR):
        op.execute(statement)
    for table in TABLES:
        for statement in (*protect(table), *forgettable(table)):
            op.execute(statement)
    for statement in (
        # Days to come are thrown away when their rules change.
        *protect("report_open_day", rights="SELECT, INSERT, DELETE"),
        *forgettable("report_open_day"),
        *protect("report_open_hour", rights="SELECT, INSERT, DELETE"),
        *forgettable("report_open_hour"),
        *protect("report_calendar"),
        # The surveyor looks for tenants whose open days are not worked out.
        *forgettable("report_calendar", "surveyed_to", "changed_at"),
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in (*TABLES, "report_open_day", "report_open_hour", "report_calendar"):
        op.execute(f"DROP TABLE {table}")
