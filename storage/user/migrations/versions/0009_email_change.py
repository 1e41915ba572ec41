"""A code can be for another address of one's own."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = "'password_reset', 'registration', 'already_registered'"


def upgrade() -> None:
    _allow(f"{BEFORE}, 'email_change'")


def downgrade() -> None:
    # Of every tenant, whose rows their policy hides from the owner of the table, too.
    op.execute("ALTER TABLE one_time_code NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM one_time_code WHERE purpose = 'email_change'")
    op.execute("ALTER TABLE one_time_code FORCE ROW LEVEL SECURITY")
    _allow(BEFORE)


def _allow(purposes: str) -> None:
    op.execute(
        "ALTER TABLE one_time_code DROP CONSTRAINT ck_one_time_code_purpose,"
        f" ADD CONSTRAINT ck_one_time_code_purpose CHECK (purpose IN ({purposes}))"
    )
