"""Tokens of calendar feeds."""

from alembic import op

from storage.delivery.ddl import forgettable, protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (
        """
        CREATE TABLE calendar_token (
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            token_hash bytea NOT NULL,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_calendar_token PRIMARY KEY (tenant_id, user_id),
            CONSTRAINT fk_calendar_token_account FOREIGN KEY (tenant_id, user_id)
                REFERENCES account (tenant_id, user_id)
        )
        """,
        *protect("calendar_token", rights="SELECT, INSERT, UPDATE, DELETE"),
        *forgettable("calendar_token", "user_id"),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE calendar_token")
