"""What is to be said to people, and what became of it: queued, sent, wiped."""

from alembic import op

from storage.delivery.ddl import TIMER, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOTIFICATION = """
CREATE TABLE notification (
    tenant_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    template text NOT NULL,
    channel text NOT NULL,
    booking_id uuid,
    user_id uuid,
    state text NOT NULL DEFAULT 'queued',
    reason text,
    payload text,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT pk_notification PRIMARY KEY (tenant_id, notification_id),
    CONSTRAINT ck_notification_state CHECK (state IN ('queued', 'sent', 'failed', 'skipped')),
    CONSTRAINT ck_notification_ended CHECK ((state = 'queued') = (ended_at IS NULL))
)
"""


def upgrade() -> None:
    for statement in (
        NOTIFICATION,
        "CREATE INDEX ix_notification_booking ON notification"
        " (tenant_id, booking_id, created_at, notification_id)",
        "CREATE INDEX ix_notification_due ON notification (due_at) WHERE state = 'queued'",
        "CREATE INDEX ix_notification_sealed ON notification (ended_at) WHERE payload IS NOT NULL",
        *protect("notification", rights="SELECT, INSERT"),
        # Mails leave in no order: the timers' role takes what is due of all tenants.
        f"CREATE POLICY delivery ON notification TO {TIMER} USING (true) WITH CHECK (true)",
        f"GRANT SELECT, INSERT, DELETE ON notification TO {TIMER}",
        f"GRANT UPDATE (state, reason, payload, attempts, due_at, ended_at) ON notification"
        f" TO {TIMER}",
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE notification")
