"""The timers take the name away from a tenant that is forgotten."""

from alembic import op

from storage.delivery.ddl import TIMER

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"GRANT SELECT (name), UPDATE (name) ON tenant TO {TIMER}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT (name), UPDATE (name) ON tenant FROM {TIMER}")
