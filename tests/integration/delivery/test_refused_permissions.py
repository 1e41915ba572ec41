"""What handlers and the ingress refuse for want of a permission stands in the audit trail."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.wire.codec import decode
from contracts.wire.envelope import HTTP, INGRESS, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from handlers.delivery.ingress import Publisher
from tests.integration.delivery.line import CALLER, Line
from tests.integration.delivery.test_ingress import Door, message

NOBODYS = Actor("user", str(new_id()), ("customer",))


async def notices(line: Line) -> list[Envelope]:
    """What is on its way to the trail."""
    return [decode(fields) for _, fields in await line.range("audit.commands")]


def said(envelope: Envelope) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(envelope.data)
    return document


def told(envelope: Envelope) -> tuple[Any, ...]:
    document = said(envelope)
    whose = document["requested_by"]
    return whose["kind"], whose["id"], document["operation"], document["reason"]


async def test_a_handlers_refusal_is_noticed(line: Line, salon: UUID) -> None:
    """A handler that answers 403 leaves a notice: who, what, about what, when and from where."""
    sealed = line.keyring.seal(b"203.0.113.7")
    where = {"channel": HTTP, "address": sealed, "subject": "note/1", "correlation_id": "asked"}
    reply = await line.deliver(line.command(salon, "forbidden", **where))
    assert reply.status == 403
    (notice,) = await notices(line)
    assert told(notice) == ("user", CALLER.id, "note.add", "forbidden")
    assert (notice.tenant_id, notice.channel, notice.address) == (salon, HTTP, sealed)
    assert (said(notice)["subject"], notice.correlation_id) == ("note/1", "asked")
    assert notice.time


async def test_so_is_a_message_that_takes_a_permission(line: Line, salon: UUID) -> None:
    """Whoever sends it without the permission that its contract asks for is seen, too."""
    reply = await line.deliver(line.command(salon, actor=NOBODYS, channel=HTTP))
    assert reply.status == 403
    (notice,) = await notices(line)
    assert told(notice) == ("user", NOBODYS.id, "note.add", "forbidden")


@pytest.mark.parametrize("does", ["done", "not_found", "stale_version", "rate_limited"])
async def test_nothing_else_is(line: Line, salon: UUID, does: str) -> None:
    """What is done, not there, out of date or too often is no refusal of permission."""
    await line.deliver(line.command(salon, does, channel=HTTP))
    assert await notices(line) == []


async def test_who_asks_again_and_again_leaves_little(line: Line, salon: UUID) -> None:
    """Fifty refusals are a notice at once and one with the number of the others."""
    for _ in range(50):
        await line.deliver(line.command(salon, "forbidden", channel=HTTP))
    assert len(await notices(line)) == 1
    await line.trail.close()
    _, rest = await notices(line)
    assert (said(rest)["times"], told(rest)[3]) == (49, "forbidden")


async def test_a_refusal_in_a_batch_is_noticed(line: Line, salon: UUID) -> None:
    """One of several that is forbidden, in an answer that is none: noticed by its code."""
    results = [{"http_status": 201}, {"http_status": 403, "problem": {"code": "forbidden"}}]
    asked = line.command(salon, channel=HTTP)
    steps = line.trail.refusal_steps(asked, Reply(200, {"results": results}))
    assert len(steps) == 1
    assert line.trail.refusal_steps(asked, Reply(200, {"results": results[:1]})) == []


async def test_a_publisher_that_may_not_is_seen_in_the_tenant(line: Line, salon: UUID) -> None:
    """A type that is not its own to send, for a tenant that it serves."""
    till = Door(line, Publisher(name="till", tenants=(str(salon),), types=("booking.create",)))
    await till.put(**message(salon, type="booking.cancel"))
    (notice,) = await notices(line)
    assert told(notice) == ("service", "till", "booking.cancel", "type_not_allowed")
    assert (notice.tenant_id, notice.channel, notice.address) == (salon, INGRESS, "")


async def test_another_tenants_is_the_platforms_to_see(line: Line, salon: UUID) -> None:
    """A tenant that the publisher does not serve: nobody writes into its trail from outside."""
    till = Door(line, Publisher(name="till", tenants=(str(salon),), types=("booking.create",)))
    theirs = new_id()
    await till.put(**message(theirs, subject="booking/forged"))
    (notice,) = await notices(line)
    assert told(notice) == ("service", "till", "booking.create", "tenant_not_allowed")
    assert (notice.tenant_id, said(notice)["subject"]) == (None, f"tenant/{theirs}")


async def test_a_publishers_mistakes_are_no_refusals(line: Line, salon: UUID) -> None:
    """An entry that is malformed or unknown goes to the rejects alone."""
    till = Door(line, Publisher(name="till", tenants=("*",), types=("*",)))
    await till.put(**message(salon, data=b"[]"))
    await till.put(**message(salon, type="no.such_type"))
    assert len(await till.rejects()) == 2
    assert await notices(line) == []


async def test_what_an_entry_is_about_stands_in_its_words(line: Line, salon: UUID) -> None:
    """The subject is that of the data, whatever the entry says beside it."""
    till = Door(line, Publisher(name="till", tenants=("*",), types=("*",)))
    booking = str(new_id())
    for data, subject in (({"booking_id": booking}, f"booking/{booking}"), ({"id": "x"}, "")):
        fields: dict[str, str | bytes] = {"type": "booking.cancel", "subject": "booking/1"}
        await till.put(**message(salon, **fields, data=orjson.dumps(data)))
        assert (await till.sent_on())[-1].subject == subject
