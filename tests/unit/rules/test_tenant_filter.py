"""The rule that every query filters by tenant."""

import pytest

from tests.unit.rules.reading import broken

UNFILTERED = {
    "select": "def find(key):\n    return select(booking).where(booking.c.id == key)\n",
    "update": "def move(key):\n    return update(booking).where(booking.c.id == key)\n",
    "delete of a table": "def drop(key):\n    return booking.delete().where(booking.c.id == key)\n",
    "at module level": "FIND = select(booking).where(booking.c.id == bindparam('id'))\n",
    "in a class": "class Queries:\n    FIND = select(booking)\n",
    "lower-case SQL": "def find():\n    return text('select id from booking where id = :id')\n",
    "SQL for the driver": "def find(c):\n    return c.fetch('SELECT id FROM booking')\n",
    "SQL over lines": 'MOVE = """\n  UPDATE booking\n  SET status = $1\n"""\n',
    "SQL with a CTE": "FIND = 'WITH due AS (SELECT 1 FROM timer) DELETE FROM timer'\n",
    "a table named by a variable": "def find(table):\n    return f'SELECT id FROM {table}'\n",
    "a table beside a function": "FIND = 'SELECT id FROM due(:now) JOIN booking USING (id)'\n",
    "only in the docstring": 'def find():\n    """By tenant_id."""\n    return select(booking)\n',
    "only in a neighbour": (
        "def by_tenant(tenant_id):\n    pass\n\n\ndef find():\n    return select(booking)\n"
    ),
    "a comment without a reason": "def due():\n    # all tenants:\n    return select(timer)\n",
}
FILTERED = {
    "column": (
        "def find(tenant_id):\n    return select(b).where(b.c.tenant_id == tenant_id)\n",
        "def find():\n    return select(b).where(b.c.tenant_id == bindparam('tenant'))\n",
    ),
    "SQL": ("FIND = 'SELECT id FROM booking WHERE tenant_id = $1'\n",),
    "keyword": ("def find(t):\n    return select(b).filter_by(tenant_id=t)\n",),
    "a reason within": (
        "def due():\n    # all tenants: the timers run for everybody\n    return select(timer)\n",
        "def due():\n    return select(timer)  # all tenants: the timers run for everybody\n",
    ),
    "a reason above": (
        "# all tenants: the relay publishes for everybody\ndef due():\n    return select(outbox)\n",
        "# all tenants: the relay publishes for everybody\nDUE = select(outbox)\n",
    ),
    "no table": (
        "BEGIN = text('SELECT state, reply FROM delivery_begin(:tenant, :command)')\n",
        "def lock(key):\n    return text('SELECT pg_advisory_xact_lock(:key)')\n",
        "def enter(key):\n    return text(\"SELECT set_config('app.tenant_id', :key, true)\")\n",
    ),
    "tables of no tenant": (
        "LAG = 'SELECT state FROM pg_stat_activity'\n",
        "AT = text('SELECT version_num FROM alembic_version')\n",
        "ADVANCE = text('UPDATE relay_state SET high_water = :to')\n",
    ),
    "other things called update": (
        "def merge(seen, more):\n    seen.update(more)\n    digest.update(b'')\n",
    ),
    "prose": ('def find():\n    """Select what is free from the hours that are set."""\n',),
}


@pytest.mark.parametrize("text", UNFILTERED.values(), ids=UNFILTERED)
@pytest.mark.parametrize("room", ["handlers", "storage"])
def test_refuses_a_query_without_tenant(room: str, text: str) -> None:
    """A statement that does not name the tenant where it is built is a breach."""
    assert broken(f"{room}/reservation/queries.py", text) == ["tenant-filter"]


@pytest.mark.parametrize("texts", FILTERED.values(), ids=FILTERED)
def test_accepts_a_filter_or_a_reason(texts: tuple[str, ...]) -> None:
    """Naming the tenant, or the reason why all are meant, is enough."""
    assert [broken("storage/reservation/queries.py", text) for text in texts] == [[]] * len(texts)


def test_leaves_migrations_alone() -> None:
    """A migration rewrites the rows of every tenant: that is its work."""
    path = "storage/reservation/migrations/versions/0002_status.py"
    assert broken(path, "def upgrade():\n    op.execute('UPDATE booking SET status = 1')\n") == []
