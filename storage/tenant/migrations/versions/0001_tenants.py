"""Tenants, their settings and their branding, beside inbox, outbox and relay state."""

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

TENANT = """
CREATE TABLE tenant (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    slug text,
    status text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_tenant PRIMARY KEY (tenant_id),
    CONSTRAINT uq_tenant_slug UNIQUE (slug),
    CONSTRAINT ck_tenant_status CHECK (status IN ('provisioning', 'active', 'suspended'))
)
"""

DOCUMENT = """
CREATE TABLE {table} (
    tenant_id uuid NOT NULL,
    document jsonb NOT NULL {default},
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_{table} PRIMARY KEY (tenant_id)
)
"""


def upgrade() -> None:
    for statement in (
        *DELIVERY_TABLES,
        TENANT,
        "CREATE INDEX ix_tenant_created_at ON tenant (created_at, tenant_id)",
        "ALTER TABLE tenant ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE tenant FORCE ROW LEVEL SECURITY",
        # The platform (nil tenant) lists and creates tenants.
        f"CREATE POLICY tenant_isolation ON tenant TO {APP}"
        f" USING (tenant_id = {CURRENT_TENANT} OR {CURRENT_TENANT} = {NIL})"
        f" WITH CHECK (tenant_id = {CURRENT_TENANT} OR {CURRENT_TENANT} = {NIL})",
        f"GRANT SELECT, INSERT, UPDATE ON tenant TO {APP}",
        DOCUMENT.format(table="settings", default=""),
        *protect("settings"),
        DOCUMENT.format(table="branding", default="DEFAULT '{}'"),
        *protect("branding"),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP TABLE branding",
        "DROP TABLE settings",
        "DROP TABLE tenant",
        *DROP_DELIVERY_TABLES,
    ):
        op.execute(statement)
