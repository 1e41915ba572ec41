"""The spans of a handler, its statements and the relay, on a real database and a real Redis."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.wire.streams import events_of
from contracts.wire.tracing import next_traceparent
from journal.messages import Working
from storage.delivery.engine import make_engine
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import CONTEXT
from tests.integration.delivery.relays import relayed
from tests.integration.postgres import MigratedDatabase
from tests.spans import Kept, recording


async def one_command(
    valkey: ValkeyServer, database: MigratedDatabase, tenant_id: UUID, traceparent: str
) -> tuple[Kept, str]:
    """The spans of a command until its event is out, and the event's traceparent; the engines are
    made by a process that traces."""
    with recording() as kept:
        line = Line(valkey.url, database)
        try:
            await line.open()
            reply = await line.deliver(line.command(tenant_id, traceparent=traceparent))
            assert reply.status < 300
            ((_, event),) = await relayed(line)
        finally:
            await line.close()
    return kept, event.traceparent


async def test_a_command_its_statements_and_its_event(
    valkey: ValkeyServer, database: MigratedDatabase, salon: UUID
) -> None:
    """The reply is found by the ids that were asked with; the statements are under the handler's
    span, and the event leaves under that too. What the relay asks for itself is nobody's."""
    asked = next_traceparent()
    kept, event = await one_command(valkey, database, salon, asked)
    (worked,) = kept.named("process note.add")
    (published,) = kept.named(f"publish {events_of(CONTEXT)}")
    statements = [span for span in kept if "db.query.text" in span.attributes]
    assert worked.parent == asked
    assert {span.parent for span in statements} == {worked.traceparent}
    assert (published.parent, event) == (worked.traceparent, published.traceparent)
    assert "delivery_begin($1" in str(statements[0].attributes["db.query.text"])
    assert statements[0].attributes["db.operation.name"] == "SELECT"
    assert len(kept) == len(statements) + 2


async def test_an_unsampled_command_leaves_none(
    valkey: ValkeyServer, database: MigratedDatabase, salon: UUID
) -> None:
    """Nor do its statements; the event's traceparent is the command's, as where nobody records."""
    asked = next_traceparent()[:-1] + "0"
    kept, event = await one_command(valkey, database, salon, asked)
    assert (kept, event) == ([], asked)


async def test_a_handler_that_raises(
    valkey: ValkeyServer, database: MigratedDatabase, salon: UUID
) -> None:
    """Its span ends as an error of that kind and says that the entry is left pending."""
    with recording() as kept:
        line = Line(valkey.url, database)
        try:
            await line.open()
            await line.publish(line.command(salon, "raise"))
            for entry in await line.read():
                await line.intake.take(entry)
        finally:
            await line.close()
    (worked,) = kept.named("process note.add")
    assert worked.attributes["slotstream.outcome"] == "left_pending"
    assert worked.error == "RuntimeError"


async def test_a_statement_that_fails(line: Line, database: MigratedDatabase) -> None:
    """Its span has the database's code, and neither a parameter nor a row's value."""
    envelope = line.command(UUID(int=1))
    with recording() as kept:
        engine = make_engine(database.app, connections=1, name="spans")
        with Working(line.stream, CONTEXT, envelope):
            async with engine.connect() as connection:
                with pytest.raises(DBAPIError):
                    await connection.execute(
                        text("SELECT 1 / (length(:it) - length(:it))"), {"it": "canary"}
                    )
                await connection.rollback()
                await connection.execute(text("SELECT 1"))
        await engine.dispose()
    failed, well, work = kept
    assert (failed.error, failed.attributes["db.response.status_code"]) == ("22012", "22012")
    assert (well.error, well.parent) == ("", work.traceparent)
    assert "canary" not in str(kept)
