"""Direct publishers: checked, stamped and sent on; what they claim to be is not believed."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from prometheus_client import generate_latest

from contracts.catalogue import COMMANDS, QUERIES
from contracts.wire.codec import decode
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from contracts.wire.streams import commands_of, ingress_of, queries_of, rejects_of, replies_to
from handlers.delivery.entries import Entry
from handlers.delivery.groups import ensure_group
from handlers.delivery.ingress import GROUP, IngressWorker, Publisher, publishers_of
from handlers.delivery.metrics import ProcessMetrics
from tests.integration.delivery.line import Line
from tests.integration.postgres import SECRET

BOOKING = {
    "resource_id": "019342c0-0000-7000-8000-000000000001",
    "starts_at": "2026-12-01T09:00:00Z",
    "ends_at": "2026-12-01T10:00:00Z",
}
BEFORE_SIGN_IN = sorted(name for name, it in {**COMMANDS, **QUERIES}.items() if it.before_sign_in)
INTERNAL = sorted(name for name, it in COMMANDS.items() if "*" in it.permissions)


class Door:
    """A publisher's stream and the worker behind it."""

    def __init__(self, line: Line, publisher: Publisher) -> None:
        self.line = line
        self.stream = ingress_of(publisher.name)
        self.name = publisher.name
        types = {**COMMANDS, **QUERIES}
        self.metrics = ProcessMetrics()
        self.worker = IngressWorker(
            *(publisher, types, line.writer, line.clock, line.keyring, SECRET, line.trail),
            count=self.metrics.of_publisher(publisher.name),
        )

    async def put(self, **fields: str | bytes) -> None:
        """Publishes, and the worker takes it."""
        await ensure_group(self.line.client, self.stream, GROUP)
        parts = [part for pair in fields.items() for part in pair]
        await self.line.client.execute_command("XADD", self.stream, "*", *parts)
        await self.line.client.execute_command(
            *("XREADGROUP", "GROUP", GROUP, "one", "STREAMS", self.stream, ">")
        )
        at, raw = (await self.line.range(self.stream))[-1]
        await self.worker.take(Entry(self.stream, GROUP, at, raw))
        pending = await self.line.client.xpending(self.stream, GROUP)
        assert pending["pending"] == 0

    async def sent_on(self, stream: str = commands_of("reservation")) -> list[Envelope]:
        return [decode(fields) for _, fields in await self.line.range(stream)]

    async def rejects(self) -> list[str]:
        """The reason code of each refused entry."""
        found = await self.line.range(rejects_of(self.name))
        return [fields[b"reason"].decode() for _, fields in found]

    def counted(self, outcome: str) -> float | None:
        labels = {"publisher": self.name, "outcome": outcome}
        return self.metrics.registry.get_sample_value("slotstream_ingress_entries_total", labels)

    async def answers(self) -> list[tuple[str, dict[str, Any]]]:
        """Subject and document of each answer."""
        stream = replies_to(f"ingress.{self.name}")
        found = [decode(fields) for _, fields in await self.line.range(stream)]
        return [(one.subject, orjson.loads(one.data)) for one in found]


def message(tenant_id: UUID, **changed: str | bytes) -> dict[str, str | bytes]:
    """What is required of an entry, and no more."""
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "type": "booking.create",
        "tenantid": str(tenant_id),
        "data": orjson.dumps(BOOKING),
        **changed,
    }


@pytest.fixture
def demo(line: Line) -> Door:
    """The publisher that development has: every type, every tenant."""
    (publisher,) = publishers_of("", "development")
    return Door(line, publisher)


@pytest.fixture
def till(line: Line, salon: UUID) -> Door:
    """A publisher of one type for one tenant."""
    return Door(line, Publisher(name="till", tenants=(str(salon),), types=("booking.create",)))


async def test_five_fields_make_a_booking(demo: Door, salon: UUID) -> None:
    """What is required goes on under the publisher's own id; the rest is filled in by us."""
    entry = message(salon)
    await demo.put(**entry)
    (sent,) = await demo.sent_on()
    assert str(sent.id) == entry["id"]
    assert sent.data == entry["data"]
    assert (sent.source, sent.reply_to) == ("ingress/demo", "ingress.demo")
    assert sent.actor.label == "service:demo"
    assert sent.actor.may("booking:create:any")
    assert sent.fingerprint
    assert sent.traceparent
    assert sent.correlation_id == entry["id"]
    assert sent.dataschema == "urn:slotstream:booking.create:1"


async def test_entries_are_counted_by_what_became_of_them(till: Door, salon: UUID) -> None:
    """What is sent on, and what is refused by its reason; an entry brings no word along."""
    assert till.counted("forwarded") == 0
    await till.put(**message(salon))
    await till.put(**message(salon, type="canary.create"))
    await till.put(canary="of nobody")
    assert till.counted("forwarded") == 1
    assert till.counted("unknown_type") == 1
    (malformed,) = {*await till.rejects()} - {"unknown_type"}
    assert till.counted(malformed) == 1
    assert b"canary" not in generate_latest(till.metrics.registry)


async def test_nobody_makes_up_from_where_they_came(till: Door, salon: UUID) -> None:
    """The way is ours to say, and a publisher has no address."""
    sealed = till.line.keyring.seal(b"203.0.113.7")
    await till.put(**message(salon, channel="http", clientaddress=sealed))
    (sent,) = await till.sent_on()
    assert (sent.channel, sent.address) == ("ingress", "")


async def test_claims_are_overwritten(till: Door, salon: UUID) -> None:
    """Actor, source and reply stream are ours to say; permissions are those of its types."""
    await till.put(
        **message(
            salon,
            source="gateway/gateway-1",
            actor='{"kind":"system","id":"slotstream","roles":["owner"],"permissions":["*"]}',
            replyto="gateway-1",
            fingerprint="of another",
        )
    )
    (sent,) = await till.sent_on()
    assert (sent.source, sent.reply_to) == ("ingress/till", "ingress.till")
    assert (sent.actor.label, sent.actor.roles) == ("service:till", ("service",))
    assert sent.actor.permissions == {"booking:create:any", "booking:create:own"}
    assert sent.fingerprint != "of another"


async def test_queries_go_to_their_own_stream(demo: Door, salon: UUID) -> None:
    """A publisher may ask, too."""
    await demo.put(**message(salon, type="booking.list", data=b"{}"))
    assert [one.type for one in await demo.sent_on(queries_of("reservation"))] == ["booking.list"]


async def test_the_deadline_is_the_first_one(till: Door, salon: UUID) -> None:
    """What is left of an entry's deadline counts on from the new entry, and never grows."""
    await till.put(**message(salon, ttlms="60000"))
    await till.put(**message(salon))
    first, second = await till.sent_on()
    assert first.ttl_ms is not None
    assert second.ttl_ms is not None
    assert 50_000 < first.ttl_ms <= 60_000
    assert 86_000_000 < second.ttl_ms <= 86_400_000


async def test_an_id_of_the_future_gives_no_longer_life(till: Door, salon: UUID) -> None:
    """An entry whose own id lies in the future has its deadline from now, not from then."""
    raw = {
        str(name).encode(): value if isinstance(value, bytes) else value.encode()
        for name, value in message(salon, ttlms="60000").items()
    }
    await till.worker.take(Entry(till.stream, GROUP, "9999999999999-0", raw))
    (sent,) = await till.sent_on()
    assert sent.ttl_ms == 60_000


@pytest.mark.parametrize(
    ("changed", "reason", "code"),
    [
        ({"type": "booking.cancel"}, "type_not_allowed", "forbidden"),
        ({"tenantid": str(new_id())}, "tenant_not_allowed", "forbidden"),
        ({"type": "booking.shred"}, "unknown_type", "validation_failed"),
        ({"type": "operation.get"}, "unknown_type", "validation_failed"),
        ({"tenantid": ""}, "missing_field", "validation_failed"),
        ({"tenantid": "salon"}, "invalid_tenantid", "validation_failed"),
        ({"specversion": "2"}, "invalid_specversion", "validation_failed"),
        ({"data": b"{"}, "malformed_json", "validation_failed"),
        ({"data": b"[]"}, "malformed_json", "validation_failed"),
        ({"data": b"\xff"}, "invalid_utf8", "validation_failed"),
        ({"data": b"\xef\xbb\xbf{}"}, "malformed_json", "validation_failed"),
        ({"data": "{}".encode("utf-16-le")}, "control_character", "validation_failed"),
        ({"data": b'{"quantity":NaN}'}, "malformed_json", "validation_failed"),
        ({"ttlms": "soon"}, "invalid_ttlms", "validation_failed"),
    ],
)
async def test_a_refusal_is_recorded_and_answered(
    till: Door, salon: UUID, changed: dict[str, str | bytes], reason: str, code: str
) -> None:
    """A refused entry stands among the rejects with its reason, and is answered by its id."""
    entry = message(salon, **changed)
    await till.put(**entry)
    assert await till.rejects() == [reason]
    ((subject, document),) = await till.answers()
    assert subject == entry["id"]
    assert document["problem"]["code"] == code
    assert document["problem"]["reason"] == reason
    assert await till.sent_on() == []


async def test_without_an_id_there_is_nobody_to_answer(till: Door, salon: UUID) -> None:
    """An entry without data is told so; one without an id is only recorded, raw."""
    entry = message(salon)
    del entry["data"]
    await till.put(**entry)
    await till.put(**message(salon, id="7"))
    assert await till.rejects() == ["missing_field", "invalid_id"]
    assert len(await till.answers()) == 1
    _, kept = (await till.line.range(rejects_of("till")))[-1]
    assert kept[b"raw.id"] == b"7"
    assert kept[b"raw.data"] == orjson.dumps(BOOKING)


@pytest.mark.parametrize("internal", INTERNAL)
async def test_what_only_we_send_is_unknown(demo: Door, salon: UUID, internal: str) -> None:
    """Internal commands are refused even from a publisher that may send everything."""
    await demo.put(**message(salon, type=internal))
    assert await demo.rejects() == ["unknown_type"]
    assert {"user.create_owner", "tenant.complete_provisioning", "booking.expire"} <= set(INTERNAL)


@pytest.mark.parametrize("kind", BEFORE_SIGN_IN)
async def test_nobody_signs_in_by_a_stream(demo: Door, salon: UUID, kind: str) -> None:
    """Signing in, resetting, registering and looking up a key or a page would reach any tenant from
    any publisher, and be counted nowhere: the gateway alone says such things."""
    await demo.put(**message(salon, type=kind))
    assert await demo.rejects() == ["unknown_type"]
    assert await demo.sent_on(commands_of("user")) == []
    assert {"auth.token", "auth.refresh", "auth.reset_password", "auth.register"} <= {
        *BEFORE_SIGN_IN
    }


def test_what_takes_no_permission_is_known() -> None:
    """A message that asks for no permission either comes before signing in, or says only what
    anybody in the tenant may know."""
    open_to_all = {
        name
        for name, it in {**COMMANDS, **QUERIES}.items()
        if not it.permissions and not it.before_sign_in
    }
    assert open_to_all == {
        "auth.change_email",
        "auth.change_password",
        "auth.confirm_email",
        "auth.me",
        "category.list_public",
        "resource.list_public",
        "user.permissions",
    }


async def test_secrets_are_sealed_on_the_way(demo: Door, salon: UUID) -> None:
    """A password that a publisher sends in clear does not go on in clear."""
    body = {"email": "ana@salon.example", "name": "Ana", "password": "a long phrase"}
    await demo.put(**message(salon, type="user.create", data=orjson.dumps(body)))
    (sent,) = await demo.sent_on(commands_of("user"))
    assert b"a long phrase" not in sent.data
    assert b"sealed:" in sent.data


@pytest.mark.parametrize("mark", ["sealed:", "sealed-json:"])
async def test_nobody_sends_what_is_sealed_already(demo: Door, salon: UUID, mark: str) -> None:
    """Events carry such texts of other people: sent to us, one would be opened and answered."""
    body = {"email": "ana@salon.example", "name": f"{mark}0a1b2c3d:{'A' * 40}"}
    await demo.put(**message(salon, type="user.create", data=orjson.dumps(body)))
    assert await demo.rejects() == ["sealed_value"]
    assert await demo.sent_on(commands_of("user")) == []


async def test_platform_rights_are_nobodys_to_publish(demo: Door, salon: UUID) -> None:
    """A publisher never holds the permission to make or suspend tenants."""
    await demo.put(**message(salon))
    (sent,) = await demo.sent_on()
    assert not sent.actor.may("tenant:create", "tenant:suspend", "*")


def test_production_has_no_demo() -> None:
    """The publisher that may send everything is there in development alone."""
    assert publishers_of("", "production") == ()
    text = '[{"name":"till","tenants":["*"],"types":["booking.create"]}]'
    assert [one.name for one in publishers_of(text, "production")] == ["till"]
    assert [one.name for one in publishers_of(text, "development")] == ["till", "demo"]
