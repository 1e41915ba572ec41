"""Tables of the tenant database."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.delivery.tables import add_delivery_tables, timestamp

METADATA = MetaData()
add_delivery_tables(METADATA)

TENANT = Table(
    "tenant",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("slug", Text),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    # What it had is gone for good, its name too; the row keeps the slug from meaning somebody else.
    timestamp("purged_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", name="pk_tenant"),
    # A slug never comes back into use, so deleted tenants keep theirs; a creation that failed
    # gives it back by becoming null.
    UniqueConstraint("slug", name="uq_tenant_slug"),
    CheckConstraint("status IN ('provisioning', 'active', 'suspended')", name="ck_tenant_status"),
    Index("ix_tenant_created_at", "created_at", "tenant_id"),
    Index("ix_tenant_suspended", "tenant_id", postgresql_where=text("status = 'suspended'")),
    Index("ix_tenant_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
)

SETTINGS = Table(
    "settings",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("updated_at"),
    PrimaryKeyConstraint("tenant_id", name="pk_settings"),
)

BRANDING = Table(
    "branding",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("document", JSONB, nullable=False, server_default=text("'{}'")),
    Column("version", BigInteger, nullable=False),
    timestamp("updated_at"),
    PrimaryKeyConstraint("tenant_id", name="pk_branding"),
)
