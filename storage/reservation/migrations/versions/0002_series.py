"""Series of bookings, and the occurrences of them that were skipped."""

from alembic import op

from storage.delivery.ddl import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BOOKING_SERIES = """
CREATE TABLE booking_series (
    tenant_id uuid NOT NULL,
    series_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    user_id uuid,
    rrule text NOT NULL,
    pattern jsonb NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    timezone text NOT NULL,
    quantity integer NOT NULL,
    notes text,
    attributes jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT pk_booking_series PRIMARY KEY (tenant_id, series_id)
)
"""

BOOKING_SERIES_SKIPPED = """
CREATE TABLE booking_series_skipped (
    tenant_id uuid NOT NULL,
    series_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    code text NOT NULL,
    CONSTRAINT pk_booking_series_skipped PRIMARY KEY (tenant_id, series_id, starts_at),
    CONSTRAINT fk_booking_series_skipped_series FOREIGN KEY (tenant_id, series_id)
        REFERENCES booking_series (tenant_id, series_id)
)
"""


def upgrade() -> None:
    for statement in (
        BOOKING_SERIES,
        *protect("booking_series"),
        BOOKING_SERIES_SKIPPED,
        *protect("booking_series_skipped", rights="SELECT, INSERT, UPDATE, DELETE"),
        "CREATE INDEX ix_booking_series ON booking (tenant_id, series_id, starts_at)"
        " WHERE series_id IS NOT NULL",
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP INDEX ix_booking_series",
        "DROP TABLE booking_series_skipped",
        "DROP TABLE booking_series",
    ):
        op.execute(statement)
