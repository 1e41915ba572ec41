"""What the timers forget: sealed replies."""

from alembic import op

from storage.delivery.ddl import FORGET_REPLIES, KEEP_REPLIES

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in FORGET_REPLIES:
        op.execute(statement)


def downgrade() -> None:
    for statement in KEEP_REPLIES:
        op.execute(statement)
