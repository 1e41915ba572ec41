"""Keys of machines."""

from alembic import op

from storage.delivery.ddl import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

API_KEY = """
CREATE TABLE api_key (
    tenant_id uuid NOT NULL,
    key_id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    cidrs text[] NOT NULL,
    created_by text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    deleted_at timestamptz,
    CONSTRAINT pk_api_key PRIMARY KEY (tenant_id, key_id)
)
"""


def upgrade() -> None:
    for statement in (
        API_KEY,
        "CREATE INDEX ix_api_key_created_at ON api_key (tenant_id, created_at, key_id)",
        *protect("api_key"),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE api_key")
