"""Categories, resources and their overrides, beside inbox, outbox and relay state."""

from alembic import op

from storage.delivery.ddl import DELIVERY_TABLES, DROP_DELIVERY_TABLES, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CATEGORY = """
CREATE TABLE category (
    tenant_id uuid NOT NULL,
    category_id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    attribute_schema jsonb,
    icon text,
    color text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_category PRIMARY KEY (tenant_id, category_id)
)
"""

RESOURCE = """
CREATE TABLE resource (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    category_id uuid,
    kind text NOT NULL,
    description text NOT NULL,
    capacity integer NOT NULL,
    timezone text,
    availability_schedule jsonb,
    buffer_before_minutes integer,
    buffer_after_minutes integer,
    attributes jsonb NOT NULL,
    price jsonb,
    active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_resource PRIMARY KEY (tenant_id, resource_id),
    CONSTRAINT fk_resource_category FOREIGN KEY (tenant_id, category_id)
        REFERENCES category (tenant_id, category_id),
    CONSTRAINT ck_resource_kind CHECK (kind IN ('person', 'equipment', 'space')),
    CONSTRAINT ck_resource_capacity CHECK (capacity >= 1)
)
"""

OVERRIDE = """
CREATE TABLE override (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    override_id uuid NOT NULL,
    on_date date NOT NULL,
    closed boolean NOT NULL,
    windows jsonb NOT NULL,
    beyond_business_hours boolean NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pk_override PRIMARY KEY (tenant_id, resource_id, override_id),
    CONSTRAINT uq_override_on_date UNIQUE (tenant_id, resource_id, on_date),
    CONSTRAINT fk_override_resource FOREIGN KEY (tenant_id, resource_id)
        REFERENCES resource (tenant_id, resource_id)
)
"""


def upgrade() -> None:
    for statement in (
        *DELIVERY_TABLES,
        # A trusted extension: it lets the tenant lead the index of attributes.
        "CREATE EXTENSION IF NOT EXISTS btree_gin",
        CATEGORY,
        "CREATE UNIQUE INDEX uq_category_name ON category (tenant_id, name_key)"
        " WHERE deleted_at IS NULL",
        "CREATE INDEX ix_category_created_at ON category (tenant_id, created_at, category_id)",
        *protect("category"),
        RESOURCE,
        "CREATE INDEX ix_resource_created_at ON resource (tenant_id, created_at, resource_id)",
        "CREATE INDEX ix_resource_category ON resource (tenant_id, category_id)",
        "CREATE INDEX ix_resource_attributes ON resource"
        " USING gin (tenant_id, attributes jsonb_path_ops)",
        *protect("resource"),
        OVERRIDE,
        *protect("override", rights="SELECT, INSERT, UPDATE, DELETE"),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP TABLE override",
        "DROP TABLE resource",
        "DROP TABLE category",
        "DROP EXTENSION IF EXISTS btree_gin",
        *DROP_DELIVERY_TABLES,
    ):
        op.execute(statement)
