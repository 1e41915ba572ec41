"""The organisations' own roles."""

from alembic import op

from storage.delivery.ddl import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLE = """
CREATE TABLE role (
    tenant_id uuid NOT NULL,
    role_id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    permissions text[] NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_role PRIMARY KEY (tenant_id, role_id)
)
"""


def upgrade() -> None:
    for statement in (
        ROLE,
        "CREATE UNIQUE INDEX uq_role_name ON role (tenant_id, name_key) WHERE deleted_at IS NULL",
        *protect("role"),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE role")
