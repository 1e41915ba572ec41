"""What a process counts of its messages, and what the relay's process sees of streams."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest_asyncio
from prometheus_client import CollectorRegistry, generate_latest

from contracts.wire.identity import new_id
from contracts.wire.streams import dead_of
from handlers.delivery.groups import ensure_group
from handlers.delivery.metrics import OTHER
from handlers.delivery.state_metrics import KnownMetrics, PoolMetrics
from handlers.delivery.stream_watch import StreamWatch
from handlers.delivery.watch_metrics import WatchMetrics
from storage.delivery.engine import make_engine
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import CONTEXT
from tests.waiting import eventually


def value(line: Line, name: str, **labels: str) -> float:
    return line.metrics.registry.get_sample_value(f"slotstream_{name}", labels) or 0.0


def ended(line: Line, outcome: str, kind: str = "note.add") -> float:
    return value(line, "messages_total", context=CONTEXT, type=kind, outcome=outcome)


async def test_each_delivery_has_one_end(line: Line, salon: UUID) -> None:
    """Done, done again, refused and expired are told apart, and each handling is timed."""
    done = line.command(salon)
    await line.deliver(done)
    await line.deliver(done)
    await line.deliver(line.command(salon, "booking_conflict"))
    await line.publish(line.command(salon, ttl_ms=1000))
    (late,) = await line.read()
    await line.intake.take(replace(late, id="1000-0"))

    assert [ended(line, one) for one in ("done", "replayed", "refused", "expired")] == [1, 1, 1, 1]
    refused = {"context": CONTEXT, "type": "note.add", "code": "booking_conflict"}
    assert value(line, "messages_refused_total", **refused) == 1
    assert value(line, "message_seconds_count", context=CONTEXT, type="note.add") == 4


async def test_failures_and_what_follows_them(line: Line, salon: UUID) -> None:
    """A handler that raises is a failure; the entry that comes again is a redelivery, and beyond
    five a dead letter."""
    await line.publish(line.command(salon, "raise"))
    (entry,) = await line.read()
    for deliveries in range(1, 7):
        await line.intake.take(replace(entry, deliveries=deliveries))

    assert ended(line, "failed") == 5
    assert ended(line, "dead") == 1
    assert value(line, "redeliveries_total", group=CONTEXT, type="note.add") == 5
    given_up = {"group": CONTEXT, "reason": "too_many_deliveries"}
    assert value(line, "dead_letters_total", **given_up) == 1


async def test_an_entry_brings_no_label_along(line: Line, salon: UUID) -> None:
    """A type that nobody handles, and an entry that is no message, are `other`."""
    await line.publish(line.command(salon).with_fields(type="note.canary"))
    await line.client.xadd(line.stream, {"canary": "of nobody"})
    for entry in await line.read():
        await line.intake.take(entry)

    assert ended(line, "dead", OTHER) == 2
    page = generate_latest(line.metrics.registry).decode()
    assert "canary" not in page
    assert str(salon) not in page


@pytest_asyncio.fixture
async def watch(line: Line) -> AsyncIterator[StreamWatch]:
    """That of one context, over a stream that is there and one that is not."""
    engine = make_engine(line.database.timer, connections=2, name="watch")
    streams = (line.stream, f"{CONTEXT}.events", "nobody.events")
    yield StreamWatch(line.client, streams, {CONTEXT: engine})
    await engine.dispose()


async def test_the_watch_sees_how_far_behind_all_is(
    line: Line, watch: StreamWatch, salon: UUID
) -> None:
    """One event that is not published, two commands nobody has, one in hand, one dead letter; and
    nothing of a stream that is not there."""
    await line.deliver(line.command(salon))
    for _ in range(3):
        await line.publish(line.command(salon))
    await line.read(count=1)
    await line.client.xadd(dead_of(CONTEXT), {"reason": "x"}, id="1000-0")
    await eventually(lambda: line.later_than(1), 30)
    await watch.look()

    (group,) = watch.seen.groups
    assert (group.stream, group.group, group.lag, group.pending) == (line.stream, CONTEXT, 2, 1)
    assert 0 <= group.oldest_pending_seconds < 600
    assert 0 < group.oldest_unread_seconds < 600
    assert watch.seen.redis_used > 0
    assert watch.seen.lengths == {line.stream: 4}
    depth, seconds = watch.seen.dead[dead_of(CONTEXT)]
    assert depth == 1
    assert seconds > 1_000_000_000
    assert watch.seen.outboxes[CONTEXT].rows == 1
    assert 0 <= watch.seen.outboxes[CONTEXT].seconds < 600
    assert watch.seen.redis_up


async def test_the_age_of_an_unread_event_is_that_of_its_time(
    line: Line, watch: StreamWatch, salon: UUID
) -> None:
    """Its id is a number: when it was written stands in the entry."""
    written = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    await ensure_group(line.client, f"{CONTEXT}.events", "listener")
    await line.client.xadd(f"{CONTEXT}.events", {"time": written}, id="7-0")
    await watch.look()
    (found,) = [one for one in watch.seen.groups if one.group == "listener"]
    assert 3599 < found.oldest_unread_seconds < 4200
    assert found.oldest_pending_seconds == 0


async def test_the_age_of_a_pending_event_is_counted_from_the_first_look(
    line: Line, watch: StreamWatch
) -> None:
    """Its id is a number and says no time; after its acknowledgement the next begins at nought."""
    stream = f"{CONTEXT}.events"
    await ensure_group(line.client, stream, "audit")
    for number in (1, 2):
        await line.client.xadd(stream, {"id": "x"}, id=f"{number}-0")
        await line.client.xreadgroup("audit", "one", {stream: ">"}, count=1)

    async def age() -> float:
        await watch.look()
        (seen,) = [group for group in watch.seen.groups if group.stream == stream]
        return seen.oldest_pending_seconds

    assert await age() == 0
    await eventually(age, 30)
    await line.client.xack(stream, "audit", "1-0")
    assert await age() == 0


async def test_what_cannot_be_seen_is_not_on_the_page(
    valkey: ValkeyServer, line: Line, watch: StreamWatch
) -> None:
    """While Redis is away the page says that, and has no number of before."""
    registry = CollectorRegistry()
    registry.register(WatchMetrics(watch))
    await watch.look()
    page = generate_latest(registry).decode()
    assert "slotstream_redis_up 1.0" in page
    assert f'slotstream_stream_lag{{group="{CONTEXT}",stream="{line.stream}"}}' in page
    valkey.stop()
    await watch.look()
    page = generate_latest(registry).decode()
    assert "slotstream_redis_up 0.0" in page
    assert "slotstream_stream_lag{" not in page
    assert f'slotstream_outbox_unpublished{{context="{CONTEXT}"}} 0.0' in page


async def test_who_waits_for_a_connection_is_counted(line: Line) -> None:
    """A pool of one, one at work, one that waits."""
    engine = make_engine(line.database.app, connections=1, name="small")
    registry = CollectorRegistry()
    registry.register(PoolMetrics({"small": engine}))

    def pool() -> list[float | None]:
        names = ("size", "in_use", "waiting")
        labels = {"pool": "small"}
        return [
            registry.get_sample_value(f"slotstream_database_pool_{one}", labels) for one in names
        ]

    async def one_more() -> None:
        async with engine.connect():
            return

    assert pool() == [1, 0, 0]
    async with engine.connect():
        waiting = asyncio.create_task(one_more())
        await eventually(lambda: pool() == [1, 1, 1], 30)
    await waiting
    assert pool() == [1, 0, 0]
    await engine.dispose()


async def test_a_cache_says_by_kind_what_it_had(line: Line, salon: UUID) -> None:
    """A fact that is there is a hit, one that is not a miss."""
    await line.deliver(line.command(salon))
    (row,) = await line.effects()
    registry = CollectorRegistry()
    registry.register(KnownMetrics(line.known))
    line.known.hits.clear()
    line.known.misses.clear()
    await line.known.recall(salon, [("note", row), ("note", new_id()), ("other", row)])

    def looked(kind: str, result: str) -> float | None:
        labels = {"cache": f"known_{kind}", "result": result}
        return registry.get_sample_value("slotstream_cache_lookups_total", labels)

    assert (looked("note", "hit"), looked("note", "miss")) == (1, 1)
    assert (looked("other", "hit"), looked("other", "miss")) == (None, 1)
