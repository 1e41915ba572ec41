"""Webhooks: endpoints, what is to be delivered to them, and each attempt."""

from alembic import op

from storage.delivery.ddl import TIMER, forgettable, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WEBHOOK = """
CREATE TABLE webhook (
    tenant_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    url text NOT NULL,
    event_types text[] NOT NULL,
    enabled boolean NOT NULL,
    disabled_reason text,
    failing_since timestamptz,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    created_by text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_webhook PRIMARY KEY (tenant_id, webhook_id)
)
"""

DELIVERY = """
CREATE TABLE webhook_delivery (
    tenant_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    payload text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz,
    claimed_until timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_webhook_delivery PRIMARY KEY (tenant_id, delivery_id),
    CONSTRAINT fk_webhook_delivery_webhook FOREIGN KEY (tenant_id, webhook_id)
        REFERENCES webhook (tenant_id, webhook_id) ON DELETE CASCADE,
    CONSTRAINT ck_webhook_delivery_state
        CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled'))
)
"""

ATTEMPT = """
CREATE TABLE webhook_attempt (
    tenant_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error text,
    answer text NOT NULL,
    CONSTRAINT pk_webhook_attempt PRIMARY KEY (tenant_id, delivery_id, number),
    CONSTRAINT fk_webhook_attempt_delivery FOREIGN KEY (tenant_id, delivery_id)
        REFERENCES webhook_delivery (tenant_id, delivery_id) ON DELETE CASCADE
)
"""

# The sender looks for what is due of all tenants, and takes it up; what is in it, it reads as the
# application, tenant by tenant.
CLAIMING = (
    *forgettable("webhook", "webhook_id", "enabled", "failing_since", "deleted_at"),
    *forgettable(
        "webhook_delivery",
        *("delivery_id", "webhook_id", "state", "due_at", "claimed_until", "created_at"),
    ),
    f"GRANT UPDATE (claimed_until) ON webhook_delivery TO {TIMER}",
    *forgettable("webhook_attempt"),
)


def upgrade() -> None:
    for statement in (
        WEBHOOK,
        "CREATE INDEX ix_webhook_created_at ON webhook (tenant_id, created_at, webhook_id)",
        *protect("webhook"),
        DELIVERY,
        "CREATE INDEX ix_webhook_delivery_created_at"
        " ON webhook_delivery (tenant_id, webhook_id, created_at, delivery_id)",
        "CREATE INDEX ix_webhook_delivery_due_at"
        " ON webhook_delivery (tenant_id, webhook_id, due_at) WHERE state = 'pending'",
        *protect("webhook_delivery"),
        ATTEMPT,
        *protect("webhook_attempt", rights="SELECT, INSERT"),
        *CLAIMING,
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in ("webhook_attempt", "webhook_delivery", "webhook"):
        op.execute(f"DROP TABLE {table}")
