"""Tables of the resource database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
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

DOCUMENT = JSONB(none_as_null=True)

CATEGORY = Table(
    "category",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("category_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    # Case-folded: the server's own lower() knows ASCII alone where its locale is C.
    Column("name_key", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("attribute_schema", DOCUMENT),
    Column("icon", Text),
    Column("color", Text),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "category_id", name="pk_category"),
    Index(
        "uq_category_name",
        "tenant_id",
        "name_key",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index("ix_category_created_at", "tenant_id", "created_at", "category_id"),
)

RESOURCE = Table(
    "resource",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("category_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("timezone", Text),
    Column("availability_schedule", DOCUMENT),
    Column("buffer_before_minutes", Integer),
    Column("buffer_after_minutes", Integer),
    Column("attributes", DOCUMENT, nullable=False),
    Column("price", DOCUMENT),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "resource_id", name="pk_resource"),
    ForeignKeyConstraint(
        ["tenant_id", "category_id"],
        ["category.tenant_id", "category.category_id"],
        name="fk_resource_category",
    ),
    CheckConstraint("kind IN ('person', 'equipment', 'space')", name="ck_resource_kind"),
    CheckConstraint("capacity >= 1", name="ck_resource_capacity"),
    Index("ix_resource_created_at", "tenant_id", "created_at", "resource_id"),
    Index("ix_resource_category", "tenant_id", "category_id"),
    # Serves `attributes @> …`, the one operator that attribute filters use.
    Index(
        "ix_resource_attributes",
        "tenant_id",
        "attributes",
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    ),
)

OVERRIDE = Table(
    "override",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("override_id", Uuid, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("windows", DOCUMENT, nullable=False),
    Column("beyond_business_hours", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "resource_id", "override_id", name="pk_override"),
    UniqueConstraint("tenant_id", "resource_id", "on_date", name="uq_override_on_date"),
    ForeignKeyConstraint(
        ["tenant_id", "resource_id"],
        ["resource.tenant_id", "resource.resource_id"],
        name="fk_override_resource",
    ),
)

# What opens a calendar feed: only its SHA-256 is known.
CALENDAR_TOKEN = Table(
    "calendar_token",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_by", Text, nullable=False),
    timestamp("created_at"),
    PrimaryKeyConstraint("tenant_id", "resource_id", name="pk_calendar_token"),
    ForeignKeyConstraint(
        ["tenant_id", "resource_id"],
        ["resource.tenant_id", "resource.resource_id"],
        name="fk_calendar_token_resource",
    ),
)
