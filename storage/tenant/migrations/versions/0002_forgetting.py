"""What the timers forget: all of a tenant that was deleted long ago, but for its slug."""

from alembic import op

from storage.delivery.ddl import (
    FORGET_REPLIES,
    KEEP_REPLIES,
    TIMER,
    forgettable,
    unforgettable,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("settings", "branding")


def upgrade() -> None:
    for statement in (
        "ALTER TABLE tenant ADD COLUMN purged_at timestamptz",
        "CREATE INDEX ix_tenant_deleted_at ON tenant (deleted_at) WHERE deleted_at IS NOT NULL",
        f"CREATE POLICY forgetting ON tenant TO {TIMER} USING (true)",
        f"GRANT SELECT (tenant_id, deleted_at, purged_at), UPDATE (purged_at) ON tenant TO {TIMER}",
        *(one for table in TABLES for one in forgettable(table)),
        *FORGET_REPLIES,
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *KEEP_REPLIES,
        *(one for table in TABLES for one in unforgettable(table)),
        "DROP POLICY forgetting ON tenant",
        f"REVOKE ALL ON tenant FROM {TIMER}",
        "DROP INDEX ix_tenant_deleted_at",
        "ALTER TABLE tenant DROP COLUMN purged_at",
    ):
        op.execute(statement)
