"""Tables of the user database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.delivery.tables import add_delivery_tables, timestamp

METADATA = MetaData()
add_delivery_tables(METADATA)

# Platform administrators stand under the nil tenant.
ACCOUNT = Table(
    "account",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("email", Text, nullable=False),
    # As domain.user.email compares addresses; the name case-folded.
    Column("email_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("phone", Text),
    Column("locale", Text),
    Column("timezone", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("password_hash", Text),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    # The person is gone for good; the row keeps their id from meaning somebody else.
    timestamp("erased_at", nullable=True),
    # What was wished for; of the rest the installation's own wish counts.
    Column("notification_preferences", JSONB, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("tenant_id", "user_id", name="pk_account"),
    Index(
        "uq_account_email",
        "tenant_id",
        "email_key",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index("ix_account_created_at", "tenant_id", "created_at", "user_id"),
    Index(
        "ix_account_deleted_at",
        "deleted_at",
        postgresql_where=text("deleted_at IS NOT NULL AND erased_at IS NULL"),
    ),
    Index("ix_account_erased_at", "erased_at", postgresql_where=text("erased_at IS NOT NULL")),
)

# What sign-in must know of tenants, which belong to another context. A slug may stand here twice
# for the moment in which one tenant gave it up and the other's news came first: that it has one
# owner is held where tenants are.
DIRECTORY = Table(
    "tenant_directory",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", name="pk_tenant_directory"),
    CheckConstraint(
        "status IN ('provisioning', 'active', 'suspended', 'deleted')",
        name="ck_tenant_directory_status",
    ),
    Index("ix_tenant_directory_slug", "slug"),
)

SESSION = Table(
    "session",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("revoked_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "session_id", name="pk_session"),
    ForeignKeyConstraint(
        ["tenant_id", "user_id"],
        ["account.tenant_id", "account.user_id"],
        name="fk_session_account",
    ),
    Index("ix_session_user", "tenant_id", "user_id", postgresql_where=text("revoked_at IS NULL")),
)

REFRESH_TOKEN = Table(
    "refresh_token",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("session_id", Uuid, nullable=False),
    timestamp("issued_at"),
    timestamp("used_at", nullable=True),
    # The command that used it: delivered again, it is not a second use.
    Column("used_by", Uuid),
    PrimaryKeyConstraint("tenant_id", "token_hash", name="pk_refresh_token"),
    ForeignKeyConstraint(
        ["tenant_id", "session_id"],
        ["session.tenant_id", "session.session_id"],
        name="fk_refresh_token_session",
    ),
    Index("ix_refresh_token_session", "tenant_id", "session_id"),
)

# What a mail brought, given back once: only its SHA-256 is kept.
ONE_TIME_CODE = Table(
    "one_time_code",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("user_id", Uuid),
    Column("payload", JSONB(none_as_null=True)),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("used_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "code_hash", name="pk_one_time_code"),
    CheckConstraint(
        "purpose IN ('password_reset', 'registration', 'already_registered', 'email_change')",
        name="ck_one_time_code_purpose",
    ),
    Index("ix_one_time_code_email", "tenant_id", "email_key", "created_at"),
)

ROLE = Table(
    "role",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("role_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "role_id", name="pk_role"),
    Index(
        "uq_role_name",
        "tenant_id",
        "name_key",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
    ),
)

# Keys of machines. They are the organisation's: no foreign key to whoever made them.
API_KEY = Table(
    "api_key",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("key_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    # The first characters, by which people tell keys apart; nothing of the secret.
    Column("prefix", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("cidrs", ARRAY(Text), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("expires_at", nullable=True),
    timestamp("last_used_at", nullable=True),
    timestamp("deleted_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "key_id", name="pk_api_key"),
    Index("ix_api_key_created_at", "tenant_id", "created_at", "key_id"),
)

# What opens a calendar feed: only its SHA-256 is known.
CALENDAR_TOKEN = Table(
    "calendar_token",
    METADATA,
    Column("tenant_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_by", Text, nullable=False),
    timestamp("created_at"),
    PrimaryKeyConstraint("tenant_id", "user_id", name="pk_calendar_token"),
    ForeignKeyConstraint(
        ["tenant_id", "user_id"],
        ["account.tenant_id", "account.user_id"],
        name="fk_calendar_token_account",
    ),
)
