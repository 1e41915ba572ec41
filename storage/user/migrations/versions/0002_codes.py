"""One-time codes, and the timers' right to forget what has run out."""

from alembic import op

from storage.delivery.ddl import TIMER, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ONE_TIME_CODE = """
CREATE TABLE one_time_code (
    tenant_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    purpose text NOT NULL,
    email_key text NOT NULL,
    user_id uuid,
    payload jsonb,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT pk_one_time_code PRIMARY KEY (tenant_id, code_hash),
    CONSTRAINT ck_one_time_code_purpose
        CHECK (purpose IN ('password_reset', 'registration', 'already_registered'))
)
"""
FORGOTTEN = ("one_time_code", "refresh_token", "session")


def upgrade() -> None:
    for statement in (
        ONE_TIME_CODE,
        "CREATE INDEX ix_one_time_code_email ON one_time_code (tenant_id, email_key, created_at)",
        *protect("one_time_code"),
    ):
        op.execute(statement)
    for table in FORGOTTEN:
        op.execute(f"CREATE POLICY purge ON {table} TO {TIMER} USING (true)")
        op.execute(f"GRANT SELECT, DELETE ON {table} TO {TIMER}")


def downgrade() -> None:
    for table in FORGOTTEN:
        op.execute(f"REVOKE SELECT, DELETE ON {table} FROM {TIMER}")
        op.execute(f"DROP POLICY purge ON {table}")
    op.execute("DROP TABLE one_time_code")
