"""The waitlist."""

from alembic import op

from storage.delivery.ddl import TIMER, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WAITLIST_ENTRY = """
CREATE TABLE waitlist_entry (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    resource_id uuid,
    category_id uuid,
    user_id uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    duration_minutes integer NOT NULL,
    quantity integer NOT NULL,
    status text NOT NULL,
    offered_booking_id uuid,
    offer_expires_at timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT pk_waitlist_entry PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT ck_waitlist_entry_interval CHECK (until > since),
    CONSTRAINT fk_waitlist_entry_booking FOREIGN KEY (tenant_id, offered_booking_id)
        REFERENCES booking (tenant_id, booking_id)
)
"""


def upgrade() -> None:
    for statement in (
        WAITLIST_ENTRY,
        "CREATE INDEX ix_waitlist_entry_line ON waitlist_entry (tenant_id, created_at, entry_id)",
        "CREATE INDEX ix_waitlist_entry_waiting ON waitlist_entry (tenant_id, resource_id, until)"
        " WHERE status = 'waiting'",
        "CREATE INDEX ix_waitlist_entry_user ON waitlist_entry (tenant_id, user_id, created_at)",
        "CREATE INDEX ix_waitlist_entry_offered ON waitlist_entry (tenant_id, offered_booking_id)"
        " WHERE status = 'offered'",
        "CREATE INDEX ix_waitlist_entry_due ON waitlist_entry (tenant_id, until) WHERE status = 'waiting'",
        *protect("waitlist_entry"),
        f"CREATE POLICY due ON waitlist_entry FOR SELECT TO {TIMER} USING (true)",
        f"GRANT SELECT (tenant_id, entry_id, status, until, duration_minutes)"
        f" ON waitlist_entry TO {TIMER}",
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE waitlist_entry")
