"""A subscriber that is rebuilt: from the archived events and those that the outboxes still have."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.wire.codec import encode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from handlers.app.rebuilding import rebuild
from handlers.delivery.settings import ProcessSettings
from handlers.subscribers.billing.questions import billing_routes
from storage.delivery import schema
from storage.delivery.emptying import alone
from storage.delivery.engine import make_engine
from tests.integration.desk import Desk
from tests.integration.postgres import SECRET, Databases, MigratedDatabase, in_a_thread
from tests.integration.subscribers.billing.books import Books, Told, booked, settings_event

CONTEXTS = ("tenant", "resource", "user", "reservation", "subscriber")
PUBLISH = """
    INSERT INTO outbox
        (event_id, tenant_id, aggregate_id, sequence, type, stream, fields, pub_seq, published_at)
    VALUES ($1, $2, $1, 1, $3, $4, $5::jsonb, $6, now())
"""
ARCHIVE = """
    WITH gone AS (DELETE FROM outbox WHERE pub_seq <= $1 RETURNING *)
    INSERT INTO outbox_archive
    SELECT pub_seq, event_id, tenant_id, aggregate_id, sequence, type, fields, published_at
    FROM gone
"""
DECEMBER = ("2026-12-01", "2026-12-31")


@dataclass
class Archives:
    """Databases that nobody else has: what is rebuilt is rebuilt for every tenant."""

    databases: dict[str, MigratedDatabase]

    @property
    def settings(self) -> ProcessSettings:
        urls: dict[str, Any] = {
            f"timer_database_url_{name}": found.timer for name, found in self.databases.items()
        }
        return ProcessSettings(
            _env_file=None,
            redis_url="redis://nobody-asks",
            secret_key=SecretStr(SECRET),
            database_url_subscriber=self.databases["subscriber"].app,
            **urls,
        )

    async def publish(self, context: str, *events: Envelope) -> None:
        """They are in the context's outbox, and on its stream for all it knows."""
        connection = await asyncpg.connect(self.databases[context].administrator)
        try:
            last = await connection.fetchval("SELECT coalesce(max(pub_seq), 0) FROM outbox")
            for number, event in enumerate(events, last + 1):
                fields = {
                    name: value.decode() if isinstance(value, bytes) else value
                    for name, value in encode(event).items()
                }
                told = (event.id, event.tenant_id, event.type, f"{context}.events")
                await connection.execute(PUBLISH, *told, orjson.dumps(fields).decode(), number)
        finally:
            await connection.close()

    async def run(self, context: str, statement: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(self.databases[context].administrator)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def archives(databases: Databases) -> Archives:
    """Made once for these tests."""
    made = {name: databases.empty(name, f"archived_{name}_{new_id().hex}") for name in CONTEXTS}
    for name, database in made.items():
        url = database.url
        in_a_thread(lambda name=name, url=url: schema.upgrade(name, url))  # type: ignore[misc]
    return Archives({name: MigratedDatabase(database) for name, database in made.items()})


@pytest_asyncio.fixture
async def desk(archives: Archives) -> AsyncIterator[Desk]:
    """Billing's; nothing was ever published."""
    for name in CONTEXTS:
        await archives.run(name, "TRUNCATE outbox, outbox_archive, inbox")
        await archives.run(name, "UPDATE outbox_archive_state SET forgotten_up_to = 0")
    found = Desk.at("billing", archives.databases["subscriber"])
    found.serve(billing_routes(SECRET))
    yield found
    await found.close()


def season(tenant_id: UUID, count: int) -> list[Told]:
    """Bookings that are kept, missed, and cancelled too late."""
    found = []
    for place in range(count):
        told = booked(tenant_id)
        match place % 3:
            case 0:
                told.status("completed", "2026-12-10T16:00:00Z")
            case 1:
                told.status("no_show", "2026-12-10T16:00:00Z")
            case _:
                told.cancel("2026-12-10T14:50:00Z")
        found.append(told)
    return found


def events_of(told: Iterable[Told]) -> list[Envelope]:
    return [event for one in told for event in one.events]


async def bill(books: Books) -> tuple[Any, Any]:
    """What the tenant is told: by day, and of the month."""
    return await books.usage(*DECEMBER), await books.statement("2026-12")


async def test_billing_is_made_again(archives: Archives, desk: Desk) -> None:
    """Whatever was in its tables, afterwards there is what the events say, for every tenant: those
    that are archived and those that are not, each once, also when it is done twice."""
    houses = [Books(desk), Books(desk)]
    events = []
    for books in houses:
        zone = settings_event(books.tenant_id, "America/Sao_Paulo", "2026-11-01T00:00:00Z")
        await archives.publish("tenant", zone)
        told = events_of(season(books.tenant_id, 6))
        await books.hear(zone, *told)
        events += told
    before = [await bill(books) for books in houses]
    assert before[0] != await bill(Books(desk, new_id()))
    await archives.publish("reservation", *events)
    await archives.run("reservation", ARCHIVE, 7)
    for damage in (
        "UPDATE billing_tally SET quantity = quantity + 3",
        "DELETE FROM billing_line",
        "DELETE FROM inbox",
    ):
        await archives.run("subscriber", damage)
    assert [await bill(books) for books in houses] != before
    for _ in range(2):
        assert await rebuild(archives.settings, ["billing"], whatever=False) == 0
        assert [await bill(books) for books in houses] == before


async def test_what_comes_meanwhile_counts_once(archives: Archives, desk: Desk) -> None:
    """Events that the stream brings while it is being rebuilt, among them those that the outbox has
    as well, are counted one time."""
    books, twin = Books(desk), Books(desk)
    events = events_of(season(books.tenant_id, 12))
    await books.hear(*events)
    right = await bill(books)
    await archives.publish("reservation", *events[:20])
    rebuilding = asyncio.create_task(rebuild(archives.settings, ["billing"], whatever=False))
    await asyncio.gather(*(books.hear(event) for event in events[10:]))
    assert await rebuilding == 0
    await books.hear(*events)
    assert await bill(books) == right
    assert await bill(twin) != right


async def test_the_trail_gets_what_it_lacks(archives: Archives, desk: Desk) -> None:
    """Records stay as they are, those of events that it lacks are added, and an address that was
    forgotten does not come back."""
    tenant_id = new_id()
    one, two = events_of(season(tenant_id, 1))[:2]
    one = one.with_fields(address=desk.keyring.seal(b"192.0.2.7"))
    await archives.publish("reservation", one, two)
    assert await rebuild(archives.settings, ["audit"], whatever=False) == 0
    await archives.run("subscriber", "DELETE FROM audit_address")
    record = "SELECT record_id, event_type, actor_label FROM audit_record WHERE tenant_id = $1"
    first = await archives.run("subscriber", record, tenant_id)
    assert {row["record_id"] for row in first} == {one.id, two.id}
    await archives.run("subscriber", "DELETE FROM audit_record WHERE record_id = $1", two.id)
    assert await rebuild(archives.settings, ["audit"], whatever=False) == 0
    again = await archives.run("subscriber", record, tenant_id)
    assert sorted(map(tuple, again)) == sorted(map(tuple, first))
    assert await archives.run("subscriber", "SELECT FROM audit_address") == []


@pytest.mark.parametrize("whatever", [True, False])
async def test_it_is_refused_where_events_are_gone(
    archives: Archives, desk: Desk, whatever: bool
) -> None:
    """Nothing is thrown away that could not be made again, unless that is what is wanted."""
    books = Books(desk)
    events = events_of(season(books.tenant_id, 3))
    await books.hear(*events)
    before = await bill(books)
    await archives.publish("reservation", *events[2:])
    await archives.run("reservation", "UPDATE outbox_archive_state SET forgotten_up_to = 2")
    assert await rebuild(archives.settings, ["billing"], whatever=whatever) == (not whatever)
    assert (await bill(books) == before) is not whatever


async def test_one_at_a_time(archives: Archives, desk: Desk) -> None:
    """Two that rebuild the same subscriber would throw away each other's work: one is refused."""
    books = Books(desk)
    events = events_of(season(books.tenant_id, 2))
    await books.hear(*events)
    before = await bill(books)
    await archives.publish("reservation", *events)
    timer = make_engine(archives.databases["subscriber"].timer, connections=1, name="another")
    async with alone(timer, "billing") as got:
        assert got
        assert await rebuild(archives.settings, ["billing"], whatever=False) == 1
        assert await rebuild(archives.settings, ["report"], whatever=False) == 0
    await timer.dispose()
    assert await rebuild(archives.settings, ["billing"], whatever=False) == 0
    assert await bill(books) == before


async def test_an_event_that_fails_holds_up_no_other(
    archives: Archives, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named, and that it is missing is the answer; what comes after it is heard."""
    books = Books(desk)
    events = events_of(season(books.tenant_id, 3))
    await books.hear(*events)
    before = await bill(books)
    wrong = events[0].with_fields(id=new_id(), data=b"{}")
    await archives.publish("reservation", wrong, *events)
    assert await rebuild(archives.settings, ["billing"], whatever=False) == 1
    assert await bill(books) == before
    assert str(wrong.id) in str([record.__dict__ for record in caplog.records])
