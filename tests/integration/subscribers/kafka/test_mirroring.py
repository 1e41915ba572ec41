"""Events of every context in topics of a Kafka: once each, in order, and none lost."""

from uuid import UUID

import pytest
from redis.asyncio import Redis

from contracts.wire.identity import new_id
from contracts.wire.streams import dead_of, events_of
from handlers.app.preparing import prepare
from handlers.delivery.asking import entries_of
from handlers.delivery.groups import ensure_group
from handlers.delivery.janitor import Janitor
from handlers.subscribers.kafka.mirroring import GROUP
from tests.integration.subscribers.kafka.conftest import (
    START_SECONDS,
    STREAM,
    Mirror,
    Streams,
    ended,
    event,
)
from tests.waiting import eventually


@pytest.fixture
def salon() -> UUID:
    return new_id()


@pytest.fixture
def clinic() -> UUID:
    return new_id()


async def test_the_same_envelope(mirror: Mirror, streams: Streams, salon: UUID) -> None:
    """CloudEvents' Kafka binding in binary mode: every attribute is a header, the data is the value
    byte for byte, and the key is the booking's id."""
    booking_id = new_id()
    one = event(salon, f"booking/{booking_id}", 7)
    await streams.publish(one)
    with mirror.running():
        await mirror.caught_up()
    (record,) = mirror.records()
    # FastStream's own, which the binding leaves to whoever sends.
    assert record["headers"].pop("correlation_id") == "the-request"
    assert record == {
        "topic": "slotstream.reservation.events",
        "key": str(booking_id),
        "headers": {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": str(one.id),
            "ce_type": "booking.updated",
            "ce_source": "reservation",
            "ce_subject": f"booking/{booking_id}",
            "ce_time": "2026-11-24T09:00:00Z",
            "ce_dataschema": "urn:slotstream:booking.updated:1",
            "ce_tenantid": str(salon),
            "ce_actor": '{"kind":"user","id":"ana","roles":["owner"],"permissions":[]}',
            "ce_correlationid": "the-request",
            "ce_sequence": "7",
        },
        "value": one.data.decode(),
    }


async def test_every_contexts_events_once(
    mirror: Mirror, streams: Streams, salon: UUID, clinic: UUID
) -> None:
    """Each context has a topic, whose prefix is a setting; tenants are told apart by their header;
    an event that the relay publishes again, and a group that had to be made again, add nothing."""
    sources = ("tenant", "resource", "user", "reservation", "webhook")
    events = [event(tenant, source=source) for source in sources for tenant in (salon, clinic)]
    await streams.publish(*events, events[0], events[-1])
    with mirror.running(KAFKA_TOPIC_PREFIX="acme-"):
        await mirror.caught_up()
    found = {
        (record["topic"], record["headers"]["ce_tenantid"], record["headers"]["ce_id"])
        for record in mirror.records()
    }
    assert found == {
        (f"acme-{one.source}.events", str(one.tenant_id), str(one.id)) for one in events
    }
    assert len(mirror.records()) == len(events)
    for source in sources:
        await streams.client.xgroup_destroy(events_of(source), GROUP)
        await ensure_group(streams.client, events_of(source), GROUP)
    with mirror.running():
        await mirror.caught_up()
    assert len(mirror.records()) == len(events)


async def test_one_bookings_events_keep_their_order(
    mirror: Mirror, streams: Streams, salon: UUID
) -> None:
    """However many bookings there are at once."""
    bookings = [f"booking/{new_id()}" for _ in range(12)]
    await streams.publish(
        *(event(salon, booking, number) for number in range(1, 16) for booking in bookings)
    )
    with mirror.running():
        await mirror.caught_up()
    assert sequences(mirror) == {booking: list(range(1, 16)) for booking in bookings}


async def test_a_kafka_that_is_away_is_waited_for(
    mirror: Mirror, streams: Streams, salon: UUID
) -> None:
    """Nothing is acknowledged, counted or lost while it is away, not by a restart in between
    either; afterwards all arrive, once each and in order."""
    bookings = [f"booking/{new_id()}" for _ in range(4)]
    events = [event(salon, booking, number) for number in (1, 2, 3) for booking in bookings]
    mirror.is_away(True)
    await streams.publish(*events[:6])
    with mirror.running() as process:
        await eventually(lambda: "a dependency is away" in mirror.log(), START_SECONDS)
        await streams.publish(*events[6:])
        assert process.poll() is None
    before = mirror.log().count("a dependency is away")
    with mirror.running():
        await eventually(lambda: mirror.log().count("a dependency is away") > before, START_SECONDS)
    assert mirror.records() == []
    assert len(await streams.pending()) >= 6
    assert await streams.client.exists(dead_of("reservation")) == 0
    mirror.is_away(False)
    with mirror.running():
        await mirror.caught_up()
    assert sorted(mirror.ids()) == sorted(str(one.id) for one in events)
    assert sequences(mirror) == {booking: [1, 2, 3] for booking in bookings}


async def test_it_goes_on_by_itself(mirror: Mirror, streams: Streams, salon: UUID) -> None:
    """Without a restart, too: what was waiting goes out once Kafka is back."""
    mirror.is_away(True)
    booking = f"booking/{new_id()}"
    await streams.publish(*(event(salon, booking, number) for number in range(1, 60)))
    with mirror.running():
        await eventually(lambda: "a dependency is away" in mirror.log(), START_SECONDS)
        mirror.is_away(False)
        await mirror.caught_up()
    assert sequences(mirror) == {booking: list(range(1, 60))}


async def test_killed_after_publishing_it_publishes_again(
    mirror: Mirror, streams: Streams, salon: UUID
) -> None:
    """At least once: `kill -9` between the record and the inbox leaves it pending; it is published
    again under the same `ce_id`, before what follows."""
    booking = f"booking/{new_id()}"
    events = [event(salon, booking, number) for number in (1, 2, 3)]
    await streams.publish(*events)
    with mirror.running(FAIL_POINT="after_publish:2@mirror") as process:
        assert await ended(process) == -9
    assert mirror.ids() == [str(one.id) for one in events[:2]]
    with mirror.running():
        await mirror.caught_up()
    first, second, third = (str(one.id) for one in events)
    assert mirror.ids() == [first, second, second, third]


async def test_what_kafka_never_takes_is_a_dead_letter(
    mirror: Mirror, streams: Streams, salon: UUID
) -> None:
    """A record that is too large holds up no other: it is kept with its reason."""
    (mirror.folder / "large").touch()
    large = event(salon, data=b'{"x":"' + b"x" * 2000 + b'"}')
    small = event(salon)
    await streams.publish(large, small)
    with mirror.running():
        await mirror.caught_up()
    assert mirror.ids() == [str(small.id)]
    found = await streams.client.execute_command("XRANGE", dead_of("reservation"), "-", "+")
    ((_, letter),) = entries_of([[b"", found]])
    assert (letter[b"reason"], letter[b"group"]) == (b"too_large", b"kafka")
    assert letter[b"raw.id"].decode() == str(large.id)


async def test_trimming_waits_for_a_mirror_and_for_none_that_was(
    streams: Streams, salon: UUID
) -> None:
    """What the mirror has not read is needed; an installation that has no Kafka any more gives its
    group up when it starts, and one that never had one has none."""
    await streams.publish(event(salon), event(salon))
    janitor = Janitor(streams.client, (), {}, 30)
    others = [name for name in await groups(streams.client) if name != GROUP]
    for group in others:
        await streams.client.xgroup_setid(STREAM, group, "2-0")
    assert await janitor.needed_from(STREAM) == "0-1"
    await prepare(streams.settings(servers=""))
    assert await groups(streams.client) == others
    assert await janitor.needed_from(STREAM) == "2-1"
    await prepare(streams.settings(servers=""))
    assert await groups(streams.client) == others


async def groups(client: Redis) -> list[str]:
    return [group["name"].decode() for group in await client.xinfo_groups(STREAM)]


def sequences(mirror: Mirror) -> dict[str, list[int]]:
    """The numbers of each booking's records, in the order in which they came."""
    found: dict[str, list[int]] = {}
    for record in mirror.records():
        headers = record["headers"]
        assert record["key"] == headers["ce_subject"].partition("/")[2]
        found.setdefault(headers["ce_subject"], []).append(int(headers["ce_sequence"]))
    return found
