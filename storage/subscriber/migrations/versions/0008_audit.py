"""From where something was done, what was refused, and what is no change: in the audit trail.

A record stays as it was written: nobody that we run as may change or delete it. An address is a row
of its own beside its record, so that it can go when its time is over and the record cannot.
"""

from alembic import op

from storage.delivery.ddl import TIMER, forgettable, protect, unforgettable

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MORE = """
ALTER TABLE audit_record
    ADD COLUMN outcome text NOT NULL DEFAULT 'succeeded',
    ADD COLUMN channel text NOT NULL DEFAULT '',
    ADD COLUMN operation text NOT NULL DEFAULT '',
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN times integer NOT NULL DEFAULT 1,
    ADD COLUMN until timestamptz,
    ADD CONSTRAINT ck_audit_record_outcome CHECK (outcome IN ('succeeded', 'refused')),
    ADD CONSTRAINT ck_audit_record_times CHECK (times > 0)
"""
NO_MORE = """
ALTER TABLE audit_record
    DROP COLUMN outcome, DROP COLUMN channel, DROP COLUMN operation, DROP COLUMN reason,
    DROP COLUMN times, DROP COLUMN until
"""
AUDIT_ADDRESS = """
CREATE TABLE audit_address (
    tenant_id uuid NOT NULL,
    record_id uuid NOT NULL,
    at timestamptz NOT NULL,
    person text,
    address text NOT NULL,
    CONSTRAINT pk_audit_address PRIMARY KEY (tenant_id, record_id),
    CONSTRAINT fk_audit_address_record FOREIGN KEY (tenant_id, record_id)
        REFERENCES audit_record (tenant_id, record_id)
)
"""


def upgrade() -> None:
    for statement in (
        MORE,
        "CREATE INDEX ix_audit_record_event_type ON audit_record (tenant_id, event_type, at)",
        "CREATE INDEX ix_audit_record_erased ON audit_record (tenant_id, subject)"
        " WHERE event_type = 'user.erased'",
        AUDIT_ADDRESS,
        "CREATE INDEX ix_audit_address_at ON audit_address (at)",
        "CREATE INDEX ix_audit_address_person ON audit_address (tenant_id, person)",
        *protect("audit_address", rights="SELECT, INSERT"),
        *forgettable("audit_address", "record_id", "at", "person"),
        # Whose addresses go with them: of the trail the timers see that somebody was erased.
        f"CREATE POLICY erased ON audit_record FOR SELECT TO {TIMER}"
        " USING (event_type = 'user.erased')",
        f"GRANT SELECT (tenant_id, event_type, subject) ON audit_record TO {TIMER}",
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        f"REVOKE SELECT (tenant_id, event_type, subject) ON audit_record FROM {TIMER}",
        "DROP POLICY erased ON audit_record",
        *unforgettable("audit_address"),
        "DROP TABLE audit_address",
        "DROP INDEX ix_audit_record_erased",
        "DROP INDEX ix_audit_record_event_type",
        NO_MORE,
    ):
        op.execute(statement)
