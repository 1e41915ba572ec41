"""Endpoints of a deleted tenant, to which nothing is sent until it is restored."""

from alembic import op

from storage.delivery.ddl import TIMER

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE webhook
            ADD COLUMN withheld boolean NOT NULL DEFAULT false,
            ADD COLUMN tenant_version bigint NOT NULL DEFAULT 0
        """
    )
    # The sender looks at it, as it looks at what is enabled.
    op.execute(f"GRANT SELECT (withheld) ON webhook TO {TIMER}")


def downgrade() -> None:
    op.execute("ALTER TABLE webhook DROP COLUMN tenant_version, DROP COLUMN withheld")
