"""Accounts, sessions and the directory of tenants, beside inbox, outbox and relay state."""

from alembic import op

from storage.delivery.ddl import (
    APP,
    CURRENT_TENANT,
    DELIVERY_TABLES,
    DROP_DELIVERY_TABLES,
    NIL,
    protect,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ACCOUNT = """
CREATE TABLE account (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    phone text,
    locale text,
    timezone text,
    roles text[] NOT NULL,
    attributes jsonb NOT NULL,
    active boolean NOT NULL,
    password_hash text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_account PRIMARY KEY (tenant_id, user_id)
)
"""

DIRECTORY = """
CREATE TABLE tenant_directory (
    tenant_id uuid NOT NULL,
    slug text NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT pk_tenant_directory PRIMARY KEY (tenant_id),
    CONSTRAINT ck_tenant_directory_status
        CHECK (status IN ('provisioning', 'active', 'suspended', 'deleted'))
)
"""

SESSION = """
CREATE TABLE session (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_session PRIMARY KEY (tenant_id, session_id),
    CONSTRAINT fk_session_account FOREIGN KEY (tenant_id, user_id)
        REFERENCES account (tenant_id, user_id)
)
"""

ISSUED = """
CREATE TABLE refresh_token (
    tenant_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by uuid,
    CONSTRAINT pk_refresh_token PRIMARY KEY (tenant_id, token_hash),
    CONSTRAINT fk_refresh_token_session FOREIGN KEY (tenant_id, session_id)
        REFERENCES session (tenant_id, session_id)
)
"""


def upgrade() -> None:
    for statement in (
        *DELIVERY_TABLES,
        ACCOUNT,
        "CREATE UNIQUE INDEX uq_account_email ON account (tenant_id, email_key)"
        " WHERE deleted_at IS NULL",
        "CREATE INDEX ix_account_created_at ON account (tenant_id, created_at, user_id)",
        *protect("account"),
        DIRECTORY,
        "CREATE INDEX ix_tenant_directory_slug ON tenant_directory (slug)",
        "ALTER TABLE tenant_directory ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE tenant_directory FORCE ROW LEVEL SECURITY",
        # Sign-in begins under the nil tenant, with nothing but a slug; it only reads.
        f"CREATE POLICY tenant_isolation ON tenant_directory TO {APP}"
        f" USING (tenant_id = {CURRENT_TENANT} OR {CURRENT_TENANT} = {NIL})"
        f" WITH CHECK (tenant_id = {CURRENT_TENANT})",
        f"GRANT SELECT, INSERT, UPDATE ON tenant_directory TO {APP}",
        SESSION,
        "CREATE INDEX ix_session_user ON session (tenant_id, user_id) WHERE revoked_at IS NULL",
        *protect("session"),
        ISSUED,
        "CREATE INDEX ix_refresh_token_session ON refresh_token (tenant_id, session_id)",
        *protect("refresh_token"),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP TABLE refresh_token",
        "DROP TABLE session",
        "DROP TABLE tenant_directory",
        "DROP TABLE account",
        *DROP_DELIVERY_TABLES,
    ):
        op.execute(statement)
