"""Tokens of calendar feeds."""

from alembic import op

from storage.delivery.ddl import forgettable, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (
        """
        CREATE TABLE calendar_token (
            tenant_id uuid NOT NULL,
            resource_id uuid NOT NULL,
            token_hash bytea NOT NULL,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_calendar_token PRIMARY KEY (tenant_id, resource_id),
            CONSTRAINT fk_calendar_token_resource FOREIGN KEY (tenant_id, resource_id)
                REFERENCES resource (tenant_id, resource_id)
        )
        """,
        *protect("calendar_token", rights="SELECT, INSERT, UPDATE, DELETE"),
        *forgettable("calendar_token", "resource_id"),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE calendar_token")
