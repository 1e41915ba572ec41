"""Events that are old are kept in an archive, for consumers that begin again."""

from alembic import op

from storage.delivery.ddl import ARCHIVE_TABLES, DROP_ARCHIVE_TABLES

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in ARCHIVE_TABLES:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP_ARCHIVE_TABLES:
        op.execute(statement)
