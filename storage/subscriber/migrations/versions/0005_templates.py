"""A tenant's own texts for what people are told, and turns among tenants for what is due."""

from alembic import op

from storage.delivery.ddl import forgettable, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEMPLATE = """
CREATE TABLE notification_template (
    tenant_id uuid NOT NULL,
    event text NOT NULL,
    channel text NOT NULL,
    locale text NOT NULL,
    subject text,
    body text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_notification_template PRIMARY KEY (tenant_id, event, channel, locale)
)
"""
# What the postman reads, who serves all tenants as the timers' role.
READ = ("event", "channel", "locale", "subject", "body")


def upgrade() -> None:
    for statement in (
        TEMPLATE,
        *protect("notification_template"),
        *forgettable("notification_template", *READ),
        "DROP INDEX ix_notification_due",
        "CREATE INDEX ix_notification_due ON notification (channel, tenant_id, due_at)"
        " WHERE state = 'queued'",
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP INDEX ix_notification_due",
        "CREATE INDEX ix_notification_due ON notification (due_at) WHERE state = 'queued'",
        "DROP TABLE notification_template",
    ):
        op.execute(statement)
