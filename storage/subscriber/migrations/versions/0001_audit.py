"""The audit trail, which the application can write and read and nothing else."""

from alembic import op

from storage.delivery.ddl import DELIVERY_TABLES, DROP_DELIVERY_TABLES, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AUDIT_RECORD = """
CREATE TABLE audit_record (
    tenant_id uuid NOT NULL,
    record_id uuid NOT NULL,
    at timestamptz NOT NULL,
    context text NOT NULL,
    event_type text NOT NULL,
    subject text NOT NULL,
    sequence bigint,
    actor jsonb NOT NULL,
    actor_label text NOT NULL,
    source text NOT NULL,
    correlation_id text NOT NULL,
    trace_id text NOT NULL,
    changes jsonb NOT NULL,
    CONSTRAINT pk_audit_record PRIMARY KEY (tenant_id, record_id)
)
"""


def upgrade() -> None:
    for statement in (
        *DELIVERY_TABLES,
        AUDIT_RECORD,
        "CREATE INDEX ix_audit_record_at ON audit_record (tenant_id, at, record_id)",
        "CREATE INDEX ix_audit_record_subject ON audit_record (tenant_id, subject, at)",
        "CREATE INDEX ix_audit_record_actor_label ON audit_record (tenant_id, actor_label, at)",
        *protect("audit_record", rights="SELECT, INSERT"),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in ("DROP TABLE audit_record", *DROP_DELIVERY_TABLES):
        op.execute(statement)
