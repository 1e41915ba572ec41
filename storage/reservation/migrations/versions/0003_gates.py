"""Gates say for which version of their resource they were closed, and how much of it is left."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (
        "ALTER TABLE resource_gate ADD COLUMN version bigint NOT NULL DEFAULT 0",
        "ALTER TABLE resource_gate ALTER COLUMN version DROP DEFAULT",
        "ALTER TABLE resource_gate ADD COLUMN capacity integer",
        "ALTER TABLE resource_gate ADD COLUMN capacity_before bigint",
    ):
        op.execute(statement)


def downgrade() -> None:
    for column in ("capacity_before", "capacity", "version"):
        op.execute(f"ALTER TABLE resource_gate DROP COLUMN {column}")
