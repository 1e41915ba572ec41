"""Bookings, the places they take, and the constraint that keeps two from one place."""

from alembic import op

from storage.delivery.ddl import APP, DELIVERY_TABLES, DROP_DELIVERY_TABLES, TIMER, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BOOKING = """
CREATE TABLE booking (
    tenant_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    resource_ids uuid[] NOT NULL,
    category_id uuid,
    user_id uuid,
    series_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    timezone text NOT NULL,
    quantity integer NOT NULL,
    status text NOT NULL,
    notes text,
    attributes jsonb NOT NULL,
    price jsonb,
    hold_expires_at timestamptz,
    rules_version bigint NOT NULL,
    cancellation_window_hours integer NOT NULL,
    reschedule_window_hours integer,
    buffer_before_minutes integer NOT NULL,
    buffer_after_minutes integer NOT NULL,
    hold_ttl_seconds integer NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancelled_by text,
    cancellation_reason text,
    version bigint NOT NULL,
    CONSTRAINT pk_booking PRIMARY KEY (tenant_id, booking_id),
    CONSTRAINT ck_booking_interval CHECK (ends_at > starts_at),
    CONSTRAINT ck_booking_quantity CHECK (quantity >= 1)
)
"""

# One row per booked resource. The constraint holds what a capacity of one means; its WHERE cannot
# use the clock, so a hold that has run out sits in it until a transaction meets and expires it.
# The bound on length is what lets the covering index find all that reaches into a day.
ALLOCATION = """
CREATE TABLE allocation (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    blocked tstzrange NOT NULL,
    blocked_from timestamptz NOT NULL,
    blocked_to timestamptz NOT NULL,
    quantity integer NOT NULL,
    active boolean NOT NULL,
    exclusive boolean NOT NULL,
    hold_expires_at timestamptz,
    CONSTRAINT pk_allocation PRIMARY KEY (tenant_id, resource_id, booking_id),
    CONSTRAINT ex_allocation EXCLUDE USING gist
        (resource_id WITH =, tenant_id WITH =, blocked WITH &&) WHERE (active AND exclusive),
    CONSTRAINT ck_allocation_length CHECK
        (blocked_to > blocked_from AND blocked_to - blocked_from <= interval '33 days'),
    CONSTRAINT ck_allocation_blocked CHECK (blocked = tstzrange(blocked_from, blocked_to))
)
"""

# Closed while a resource is being deleted, so that no booking slips in between.
RESOURCE_GATE = """
CREATE TABLE resource_gate (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    closed boolean NOT NULL,
    CONSTRAINT pk_resource_gate PRIMARY KEY (tenant_id, resource_id)
)
"""

BOOKING_HISTORY = """
CREATE TABLE booking_history (
    tenant_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    changes jsonb NOT NULL,
    overridden text[] NOT NULL,
    reason text,
    CONSTRAINT pk_booking_history PRIMARY KEY (tenant_id, booking_id, version),
    CONSTRAINT fk_booking_history_booking FOREIGN KEY (tenant_id, booking_id)
        REFERENCES booking (tenant_id, booking_id)
)
"""

LOCK_KEY = """
CREATE FUNCTION place_lock(p_tenant uuid, p_object uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtextextended(p_tenant::text || p_object::text, 0)
$$
"""

# The fast way, for one resource of capacity one: `ok`, `taken`, `gone` (the resource is being
# deleted) or `holds` (holds that have run out are in the way). It takes the resource's lock shared,
# so that it and the slow way exclude each other, and refuses what overlaps a row that is not
# exclusive, since a capacity may just have been changed. Each statement has a snapshot of its own,
# so what was committed while the lock was waited for is seen. DO NOTHING never raises and, unlike a
# plain INSERT under the constraint, never deadlocks.
TAKE_PLACE = """
CREATE FUNCTION take_place(
    p_tenant uuid, p_resource uuid, p_booking uuid, p_from timestamptz, p_to timestamptz,
    p_hold_expires_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(place_lock(p_tenant, p_resource));
    PERFORM 1 FROM resource_gate g
    WHERE g.tenant_id = p_tenant AND g.resource_id = p_resource AND g.closed;
    IF FOUND THEN RETURN 'gone'; END IF;
    PERFORM 1 FROM allocation a
    WHERE a.tenant_id = p_tenant AND a.resource_id = p_resource AND a.active AND NOT a.exclusive
      AND a.blocked_from < p_to AND a.blocked_from > p_from - interval '33 days'
      AND a.blocked_to > p_from
      AND (a.hold_expires_at IS NULL OR a.hold_expires_at > clock_timestamp());
    IF FOUND THEN RETURN 'taken'; END IF;
    INSERT INTO allocation (tenant_id, resource_id, booking_id, blocked, blocked_from, blocked_to,
                            quantity, active, exclusive, hold_expires_at)
    VALUES (p_tenant, p_resource, p_booking, tstzrange(p_from, p_to), p_from, p_to,
            1, true, true, p_hold_expires_at)
    ON CONFLICT ON CONSTRAINT ex_allocation DO NOTHING;
    IF FOUND THEN RETURN 'ok'; END IF;
    PERFORM 1 FROM allocation a
    WHERE a.tenant_id = p_tenant AND a.resource_id = p_resource AND a.active AND a.exclusive
      AND a.blocked && tstzrange(p_from, p_to) AND a.hold_expires_at <= clock_timestamp();
    IF FOUND THEN RETURN 'holds'; END IF;
    RETURN 'taken';
END $$
"""


def upgrade() -> None:
    for statement in (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        *DELIVERY_TABLES,
        BOOKING,
        "CREATE INDEX ix_booking_starts_at ON booking (tenant_id, starts_at, booking_id)",
        "CREATE INDEX ix_booking_resource"
        " ON booking (tenant_id, resource_id, starts_at, booking_id)",
        "CREATE INDEX ix_booking_user ON booking (tenant_id, user_id, starts_at, booking_id)",
        "CREATE INDEX ix_booking_due ON booking (tenant_id, hold_expires_at) WHERE status = 'held'",
        "CREATE INDEX ix_booking_undecided ON booking (tenant_id, starts_at)"
        " WHERE status = 'pending'",
        *protect("booking"),
        f"CREATE POLICY due ON booking FOR SELECT TO {TIMER} USING (true)",
        f"GRANT SELECT (tenant_id, booking_id, status, hold_expires_at, starts_at)"
        f" ON booking TO {TIMER}",
        ALLOCATION,
        "CREATE INDEX ix_allocation_busy ON allocation (tenant_id, resource_id, blocked_from)"
        " INCLUDE (blocked_to, quantity, booking_id, hold_expires_at) WHERE active",
        "CREATE INDEX ix_allocation_booking ON allocation (tenant_id, booking_id)",
        *protect("allocation"),
        RESOURCE_GATE,
        *protect("resource_gate"),
        BOOKING_HISTORY,
        *protect("booking_history", rights="SELECT, INSERT"),
        LOCK_KEY,
        TAKE_PLACE,
        f"GRANT EXECUTE ON FUNCTION take_place, place_lock TO {APP}",
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP FUNCTION take_place",
        "DROP FUNCTION place_lock",
        "DROP TABLE booking_history",
        "DROP TABLE resource_gate",
        "DROP TABLE allocation",
        "DROP TABLE booking",
        *DROP_DELIVERY_TABLES,
        "DROP EXTENSION btree_gist",
    ):
        op.execute(statement)
