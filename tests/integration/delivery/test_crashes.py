"""Processes that die at the worst place: nothing is lost, nothing is done twice."""

import signal
from pathlib import Path
from uuid import UUID

import pytest

from contracts.wire.streams import events_of
from tests.gateway.server import ValkeyServer
from tests.integration.delivery.line import Line
from tests.integration.delivery.notes import CONTEXT
from tests.integration.delivery.processes import START_SECONDS, settled, worker
from tests.integration.delivery.relays import relayed
from tests.integration.postgres import MigratedDatabase
from tests.waiting import eventually


@pytest.mark.parametrize("place", ["before_commit", "after_commit", "after_reply"])
async def test_a_handler_killed_in_the_middle(
    line: Line,
    valkey: ValkeyServer,
    database: MigratedDatabase,
    salon: UUID,
    tmp_path: Path,
    place: str,
) -> None:
    """Killed at each place and started again under its name: one effect, one event, the same reply
    again, nothing pending."""
    log = tmp_path / "log"
    command = line.command(salon)
    with worker("handler", valkey.url, database, log, FAIL_POINT=place) as doomed:
        await doomed.ready()
        await line.publish(command)
        assert await doomed.ended() == -signal.SIGKILL
    assert await line.effects() == (set() if place == "before_commit" else {command.id})

    with worker("handler", valkey.url, database, log) as second:
        await settled(line)
        await second.ready()
    assert await line.effects() == {command.id}
    assert len(await relayed(line)) == 1
    replies = await line.replies(command)
    assert {(one.status, str(one.body)) for one in replies} == {(201, str({"id": str(command.id)}))}
    assert replies[-1].replayed is (place == "after_commit")
    assert second.process.returncode == 0


async def test_a_relay_killed_after_it_appended(
    line: Line, valkey: ValkeyServer, database: MigratedDatabase, salon: UUID, tmp_path: Path
) -> None:
    """Killed between append and high water, the next relay publishes nothing twice."""
    log = tmp_path / "log"
    for _ in range(3):
        await line.deliver(line.command(salon))
    with worker("relay", valkey.url, database, log, FAIL_POINT="relay_after_xadd") as doomed:
        assert await doomed.ended() == -signal.SIGKILL
    assert await line.client.xlen(events_of(CONTEXT)) == 3
    assert len(await line.rows("SELECT 1 FROM outbox WHERE published_at IS NULL")) == 3

    await line.deliver(line.command(salon))
    with worker("relay", valkey.url, database, log) as second:
        await eventually(lambda: all_marked(line), START_SECONDS)
    assert [at for at, _ in await line.events()] == ["1-0", "2-0", "3-0", "4-0"]
    assert second.process.returncode == 0


async def all_marked(line: Line) -> bool:
    return not await line.rows("SELECT 1 FROM outbox WHERE published_at IS NULL")


async def test_a_handler_that_exits_stops_nobody(
    line: Line, valkey: ValkeyServer, database: MigratedDatabase, salon: UUID, tmp_path: Path
) -> None:
    """A command that ends its process each time is given up after five deliveries; those beside it
    are carried out, and the process that gives it up lives."""
    deadly = line.command(salon, "exit")
    neighbours = [line.command(salon) for _ in range(10)]
    for command in neighbours[:5]:
        await line.publish(command)
    deadly_at = await line.publish(deadly)
    for command in neighbours[5:]:
        await line.publish(command)
    with worker("handler", valkey.url, database, tmp_path / "log") as doomed:
        assert await doomed.ended() == 70
    await delivered_times(line, deadly_at, 4)
    with worker("handler", valkey.url, database, tmp_path / "log") as doomed:
        assert await doomed.ended() == 70
    with worker("handler", valkey.url, database, tmp_path / "log") as living:
        await settled(line, len(neighbours))
        await living.ready()
    assert await line.effects() == {one.id for one in neighbours}
    assert [letter["reason"] for letter in await line.dead()] == ["too_many_deliveries"]
    assert [one.status for one in await line.replies(deadly)] == [500]


async def delivered_times(line: Line, entry_id: str, count: int) -> None:
    """The entry, which was delivered and not acknowledged, counts as delivered so often."""
    (claimed,) = await line.client.xclaim(
        line.stream, CONTEXT, "handler-1", 0, [entry_id], retrycount=count, justid=True
    )
    assert claimed == entry_id.encode()


async def test_a_deleted_group_ends_the_process_loudly(
    line: Line, valkey: ValkeyServer, database: MigratedDatabase, salon: UUID, tmp_path: Path
) -> None:
    """A reader whose stream was deleted exits non-zero, and the next start makes the group again
    and finds what came meanwhile."""
    with worker("handler", valkey.url, database, tmp_path / "log") as first:
        await first.ready()
        await line.client.flushall()
        assert await first.ended() == 1
    command = line.command(salon)
    await line.publish(command)
    with worker("handler", valkey.url, database, tmp_path / "log"):
        await settled(line)
    assert await line.effects() == {command.id}
