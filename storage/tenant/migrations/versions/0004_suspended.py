"""The timers see which tenants are suspended: they keep it known."""

from alembic import op

from storage.delivery.ddl import TIMER

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_tenant_suspended ON tenant (tenant_id) WHERE status = 'suspended'")
    op.execute(f"GRANT SELECT (status, version) ON tenant TO {TIMER}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT (status, version) ON tenant FROM {TIMER}")
    op.execute("DROP INDEX ix_tenant_suspended")
