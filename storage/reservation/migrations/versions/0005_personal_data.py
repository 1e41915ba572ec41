"""A key for each person, and what the timers forget: sealed replies, and tenants that are gone."""

from alembic import op

from storage.delivery.ddl import FORGET_REPLIES, KEEP_REPLIES, forgettable, protect, unforgettable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PERSON_KEY = """
CREATE TABLE person_key (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    key text NOT NULL,
    CONSTRAINT pk_person_key PRIMARY KEY (tenant_id, user_id)
)
"""
OTHERS = (
    "booking",
    "allocation",
    "resource_gate",
    "booking_history",
    "booking_series",
    "booking_series_skipped",
    "waitlist_entry",
)


def upgrade() -> None:
    for statement in (
        PERSON_KEY,
        *protect("person_key", rights="SELECT, INSERT, DELETE"),
        *forgettable("person_key"),
        *(statement for table in OTHERS for statement in forgettable(table)),
        *FORGET_REPLIES,
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *KEEP_REPLIES,
        *(statement for table in OTHERS for statement in unforgettable(table)),
        "DROP TABLE person_key",
    ):
        op.execute(statement)
