"""What the timers forget: what was deleted long ago, and sealed replies."""

from alembic import op

from storage.delivery.ddl import FORGET_REPLIES, KEEP_REPLIES, forgettable, unforgettable

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = {
    "category": ("category_id", "deleted_at"),
    "resource": ("resource_id", "category_id", "deleted_at"),
    "override": ("resource_id",),
}


def upgrade() -> None:
    for statement in (
        *(one for table, columns in TABLES.items() for one in forgettable(table, *columns)),
        *FORGET_REPLIES,
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (*KEEP_REPLIES, *(one for table in TABLES for one in unforgettable(table))):
        op.execute(statement)
