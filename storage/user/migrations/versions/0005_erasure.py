"""People who were erased, and what the timers forget."""

from alembic import op

from storage.delivery.ddl import FORGET_REPLIES, KEEP_REPLIES, forgettable, unforgettable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Sessions, their tokens and codes can be forgotten already.
TABLES = {"account": ("user_id", "deleted_at", "erased_at"), "role": ("deleted_at",)}
TABLES["api_key"] = ("deleted_at",)


def upgrade() -> None:
    for statement in (
        "ALTER TABLE account ADD COLUMN erased_at timestamptz",
        "CREATE INDEX ix_account_deleted_at ON account (deleted_at)"
        " WHERE deleted_at IS NOT NULL AND erased_at IS NULL",
        "CREATE INDEX ix_account_erased_at ON account (erased_at) WHERE erased_at IS NOT NULL",
        *(one for table, columns in TABLES.items() for one in forgettable(table, *columns)),
        *FORGET_REPLIES,
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *KEEP_REPLIES,
        *(one for table in TABLES for one in unforgettable(table)),
        "DROP INDEX ix_account_erased_at",
        "DROP INDEX ix_account_deleted_at",
        "ALTER TABLE account DROP COLUMN erased_at",
    ):
        op.execute(statement)
