"""Definitions that every context's first migration shares: roles' rights, inbox, outbox, relay.

These are frozen once released: a later change is a new function that a new migration calls.
"""

from collections.abc import Sequence

APP, RELAY, TIMER = "slotstream_app", "slotstream_relay", "slotstream_timer"

# nullif: after the first `SET LOCAL` of a session the setting reads '' and not null.
CURRENT_TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
NIL = "'00000000-0000-0000-0000-000000000000'::uuid"


def protect(table: str, *, rights: str = "SELECT, INSERT, UPDATE") -> Sequence[str]:
    """Row-level security, forced, and the application's rights on a tenant's table."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant_isolation ON {table} TO {APP}"
        f" USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT})",
        f"GRANT {rights} ON {table} TO {APP}",
    )


INBOX = """
CREATE TABLE inbox (
    tenant_id uuid NOT NULL,
    command_id uuid NOT NULL,
    fingerprint text NOT NULL,
    actor text NOT NULL,
    state text NOT NULL,
    reply text,
    effects text,
    reply_to text NOT NULL DEFAULT '',
    traceparent text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_inbox PRIMARY KEY (tenant_id, command_id),
    CONSTRAINT ck_inbox_state CHECK (state IN ('running', 'waiting', 'done', 'expired'))
)
"""

OUTBOX = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint,
    type text NOT NULL,
    stream text NOT NULL,
    fields jsonb NOT NULL,
    pub_seq bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT uq_outbox_event_id UNIQUE (event_id),
    CONSTRAINT uq_outbox_pub_seq UNIQUE (pub_seq)
)
"""

RELAY_STATE = """
CREATE TABLE relay_state (
    only_one boolean NOT NULL DEFAULT true,
    high_water bigint NOT NULL DEFAULT 0,
    next_seq bigint NOT NULL DEFAULT 1,
    CONSTRAINT pk_relay_state PRIMARY KEY (only_one),
    CONSTRAINT ck_relay_state_only_one CHECK (only_one)
)
"""

# One round trip for: whose transaction this is, the inbox row, or what stands there already. A
# concurrent duplicate waits on the unique index until the first commits; each statement of the
# function then has its own snapshot (READ COMMITTED) and sees that row.
BEGIN_FUNCTION = """
CREATE FUNCTION delivery_begin(
    p_tenant uuid, p_command uuid, p_fingerprint text, p_actor text,
    p_reply_to text, p_traceparent text
) RETURNS TABLE (
    state text, fingerprint text, reply text, effects text, began_at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    INSERT INTO inbox (tenant_id, command_id, fingerprint, actor, state, reply_to, traceparent)
    VALUES (p_tenant, p_command, p_fingerprint, p_actor, 'running', p_reply_to, p_traceparent)
    ON CONFLICT ON CONSTRAINT pk_inbox DO NOTHING;
    IF FOUND THEN
        RETURN QUERY SELECT 'new'::text, p_fingerprint, NULL::text, NULL::text, clock_timestamp();
    ELSE
        RETURN QUERY SELECT i.state, i.fingerprint, i.reply, i.effects, clock_timestamp()
        FROM inbox i WHERE i.tenant_id = p_tenant AND i.command_id = p_command FOR UPDATE;
    END IF;
END $$
"""

FINISH_FUNCTION = """
CREATE FUNCTION delivery_finish(
    p_tenant uuid, p_command uuid, p_state text, p_reply text, p_effects text, p_outbox jsonb
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inbox SET state = p_state, reply = p_reply, effects = p_effects
    WHERE tenant_id = p_tenant AND command_id = p_command;
    INSERT INTO outbox (event_id, tenant_id, aggregate_id, sequence, type, stream, fields)
    SELECT (o->>'event_id')::uuid, (o->>'tenant_id')::uuid, (o->>'aggregate_id')::uuid,
           (o->>'sequence')::bigint, o->>'type', o->>'stream', o->'fields'
    FROM jsonb_array_elements(p_outbox) WITH ORDINALITY AS entries(o, place) ORDER BY place;
END $$
"""

DELIVERY_TABLES = (
    INBOX,
    "CREATE INDEX ix_inbox_created_at ON inbox (created_at)",
    *protect("inbox"),
    f"CREATE POLICY purge ON inbox TO {TIMER} USING (true)",
    f"GRANT SELECT, DELETE ON inbox TO {TIMER}",
    OUTBOX,
    "CREATE INDEX ix_outbox_unnumbered ON outbox (id) WHERE pub_seq IS NULL",
    "CREATE INDEX ix_outbox_unpublished ON outbox (id) WHERE published_at IS NULL",
    "ALTER TABLE outbox ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE outbox FORCE ROW LEVEL SECURITY",
    # A platform command (nil tenant) writes events about the tenant that it creates.
    f"CREATE POLICY tenant_isolation ON outbox TO {APP}"
    f" USING (tenant_id = {CURRENT_TENANT} OR {CURRENT_TENANT} = {NIL})"
    f" WITH CHECK (tenant_id = {CURRENT_TENANT} OR {CURRENT_TENANT} = {NIL})",
    f"CREATE POLICY every_tenant ON outbox TO {RELAY} USING (true) WITH CHECK (true)",
    f"CREATE POLICY purge ON outbox TO {TIMER} USING (true)",
    f"GRANT SELECT, INSERT ON outbox TO {APP}",
    f"GRANT SELECT, UPDATE ON outbox TO {RELAY}",
    f"GRANT SELECT, DELETE ON outbox TO {TIMER}",
    RELAY_STATE,
    "INSERT INTO relay_state DEFAULT VALUES",
    f"GRANT SELECT, UPDATE ON relay_state TO {RELAY}",
    BEGIN_FUNCTION,
    FINISH_FUNCTION,
    f"GRANT SELECT ON alembic_version TO {APP}, {RELAY}, {TIMER}",
)

DROP_DELIVERY_TABLES = (
    "DROP FUNCTION delivery_finish",
    "DROP FUNCTION delivery_begin",
    "DROP TABLE relay_state",
    "DROP TABLE outbox",
    "DROP TABLE inbox",
)


def forgettable(table: str, *columns: str) -> Sequence[str]:
    """The timers may delete rows of any tenant, and see so much as to know which."""
    seen = ", ".join(("tenant_id", *columns))
    return (
        f"CREATE POLICY forgetting ON {table} TO {TIMER} USING (true)",
        f"GRANT SELECT ({seen}), DELETE ON {table} TO {TIMER}",
    )


def unforgettable(table: str) -> Sequence[str]:
    """The way back from `forgettable`. Columns that were seen before are seen no more: whoever goes
    back further drops the table."""
    return (
        f"DROP POLICY forgetting ON {table}",
        f"REVOKE DELETE ON {table} FROM {TIMER}",
    )


# A sealed reply is wiped in time; that the command was carried out stays known.
FORGET_REPLIES = (f"GRANT UPDATE (reply) ON inbox TO {TIMER}",)
KEEP_REPLIES = (f"REVOKE UPDATE (reply) ON inbox FROM {TIMER}",)


ARCHIVE = """
CREATE TABLE outbox_archive (
    pub_seq bigint NOT NULL,
    event_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    fields jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT pk_outbox_archive PRIMARY KEY (pub_seq)
)
"""
ARCHIVE_STATE = """
CREATE TABLE outbox_archive_state (
    only_one boolean NOT NULL DEFAULT true,
    forgotten_up_to bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_outbox_archive_state PRIMARY KEY (only_one),
    CONSTRAINT ck_outbox_archive_state_only_one CHECK (only_one)
)
"""
# Events that are old, which the index finds, go from the outbox into the archive. What went before
# there was one is lost to whoever begins again.
ARCHIVE_TABLES = (
    "CREATE INDEX ix_outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL",
    ARCHIVE,
    "CREATE INDEX ix_outbox_archive_tenant_id ON outbox_archive (tenant_id)",
    "CREATE INDEX ix_outbox_archive_published_at ON outbox_archive (published_at)",
    "ALTER TABLE outbox_archive ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE outbox_archive FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY every_tenant ON outbox_archive TO {TIMER} USING (true) WITH CHECK (true)",
    f"GRANT SELECT, INSERT, DELETE ON outbox_archive TO {TIMER}",
    ARCHIVE_STATE,
    "INSERT INTO outbox_archive_state (forgotten_up_to) SELECT coalesce("
    "(SELECT min(pub_seq) - 1 FROM outbox), (SELECT high_water FROM relay_state))",
    f"GRANT SELECT, UPDATE ON outbox_archive_state TO {TIMER}",
)
DROP_ARCHIVE_TABLES = (
    "DROP TABLE outbox_archive_state",
    "DROP TABLE outbox_archive",
    "DROP INDEX ix_outbox_published_at",
)
