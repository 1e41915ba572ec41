"""What a bill is made of: counts by day, what is due of each booking, resources, zones."""

from alembic import op

from storage.delivery.ddl import forgettable, protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TALLY = """
CREATE TABLE billing_tally (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    month date NOT NULL,
    metric text NOT NULL,
    currency text NOT NULL DEFAULT '',
    quantity numeric(30, 4) NOT NULL,
    CONSTRAINT pk_billing_tally PRIMARY KEY (tenant_id, day, month, metric, currency)
)
"""
LINE = """
CREATE TABLE billing_line (
    tenant_id uuid NOT NULL,
    line_id uuid NOT NULL,
    month date NOT NULL,
    day date NOT NULL,
    at timestamptz NOT NULL,
    booking_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    kind text NOT NULL,
    amount numeric(30, 4) NOT NULL,
    currency text NOT NULL,
    CONSTRAINT pk_billing_line PRIMARY KEY (tenant_id, line_id),
    CONSTRAINT ck_billing_line_kind CHECK (kind IN ('charge', 'correction'))
)
"""
RESOURCE = """
CREATE TABLE billing_resource (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    active boolean NOT NULL,
    CONSTRAINT pk_billing_resource PRIMARY KEY (tenant_id, resource_id, version)
)
"""
ZONE = """
CREATE TABLE billing_zone (
    tenant_id uuid NOT NULL,
    version bigint NOT NULL,
    since timestamptz NOT NULL,
    timezone text NOT NULL,
    CONSTRAINT pk_billing_zone PRIMARY KEY (tenant_id, version)
)
"""
TABLES = ("billing_tally", "billing_line", "billing_resource", "billing_zone")


def upgrade() -> None:
    for statement in (TALLY, LINE, RESOURCE, ZONE):
        op.execute(statement)
    op.execute("CREATE INDEX ix_billing_tally_month ON billing_tally (tenant_id, month)")
    op.execute("CREATE INDEX ix_billing_line_month ON billing_line (tenant_id, month, at, line_id)")
    op.execute(
        "CREATE INDEX ix_notification_sent ON notification (tenant_id, ended_at)"
        " WHERE state = 'sent'"
    )
    # Lines, and how a tenant stood, are added and never changed; a tally moves.
    rights = {"billing_tally": "SELECT, INSERT, UPDATE"}
    for table in TABLES:
        for statement in (
            *protect(table, rights=rights.get(table, "SELECT, INSERT")),
            *forgettable(table),
        ):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_notification_sent")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
