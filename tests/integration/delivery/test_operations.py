"""Operations: the outcome of a command can be asked for, by whoever may know it."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.wire.envelope import ANONYMOUS, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.operations import OperationGet
from contracts.wire.reply import Reply, decode_reply
from contracts.wire.streams import OPERATION_KEPT_MS, operation_key
from handlers.delivery.work import Asked, CommandRoute, QueryRoute
from tests.integration.delivery.line import CALLER, Line
from tests.integration.delivery.notes import NoteAdd

OWNER = Actor("user", str(new_id()), ("owner",))
STRANGER = Actor("user", str(new_id()), ("manager",))
PLATFORM = Actor("platform", str(new_id()), ("platform_admin",))


async def asked(
    line: Line, operation_id: UUID, tenant_id: UUID | None, actor: Actor = CALLER
) -> Reply:
    """What `operation.get` answers this caller."""
    route = line.routes["operation.get"]
    assert isinstance(route, QueryRoute)
    envelope = Envelope(
        id=new_id(),
        type="operation.get",
        source="",
        data=b"{}",
        tenant_id=tenant_id,
        actor=actor,
    )
    message = OperationGet(operation_id=operation_id)
    return decode_reply(await line.queries.run(route, Asked(message, envelope)), line.keyring)


async def sent(line: Line, command: Envelope, ttl_ms: int, age_ms: int = 0) -> None:
    """As a gateway leaves it beside a command that it sent so long ago."""
    tenant = str(command.tenant_id) if command.tenant_id else None
    document: dict[str, Any] = {
        "tenant": tenant,
        "actor": command.actor.label,
        "ttlms": ttl_ms,
        "context": "note",
        "fingerprint": command.fingerprint,
    }
    await line.client.set(
        operation_key(command.id), orjson.dumps(document), px=OPERATION_KEPT_MS - age_ms
    )


@pytest.mark.parametrize(
    ("does", "state", "status"),
    [("done", "succeeded", 201), ("booking_conflict", "failed", 409)],
)
async def test_the_outcome_is_the_inbox_row(
    line: Line, salon: UUID, does: str, state: str, status: int
) -> None:
    """After the command ran the state is final, with status and body or problem."""
    command = line.command(salon, does)
    reply = await line.deliver(command)
    found = await asked(line, command.id, salon)
    assert (found.status, found.body["state"], found.body["http_status"]) == (200, state, status)
    assert found.body["body"] == reply.body
    assert found.body["problem"] == reply.problem


async def test_what_is_not_kept_was_carried_out_all_the_same(line: Line, salon: UUID) -> None:
    """An outcome whose words are not kept (tokens) is `succeeded` and never `expired`; a repetition
    hears that it was carried out, and does not carry it out again."""
    command = line.command(salon, "confide")
    assert (await line.deliver(command)).status == 201
    found = await asked(line, command.id, salon)
    assert (found.body["state"], found.body["http_status"]) == ("succeeded", 201)
    assert found.body["body"] is None
    again = await line.deliver(command)
    assert again.problem is not None
    assert (again.status, again.problem["code"]) == (409, "outcome_not_kept")
    assert await line.effects() == {command.id}


async def test_a_stranger_who_lost_an_answer_tries_again(line: Line, salon: UUID) -> None:
    """Signing in keeps no reply either: whoever it was for gets 503, and signs in again."""
    command = line.command(salon, "confide")
    assert (await line.deliver(command)).status == 201
    # Sign-in asks for no permission; what is asked here is only what becomes of a repetition.
    route = line.routes[command.type]
    assert isinstance(route, CommandRoute)
    stranger = command.with_fields(actor=ANONYMOUS)
    carried = await line.intake._commands.run(
        route, Asked(NoteAdd(does="confide"), stranger), expired=False
    )
    assert carried.reply is not None
    assert decode_reply(carried.reply).status == 503


async def test_before_it_ran_it_is_pending(line: Line, salon: UUID) -> None:
    """On its stream, its deadline ahead, and not yet taken: pending."""
    command = line.command(salon)
    await sent(line, command, ttl_ms=60_000)
    found = await asked(line, command.id, salon)
    assert (found.status, found.body["state"]) == (200, "pending")
    assert await line.rows("SELECT 1 FROM inbox") == []


async def test_expired_means_never_executed(line: Line, salon: UUID) -> None:
    """Who asks after the deadline decides it: from then on the command cannot run late."""
    command = line.command(salon, fingerprint="f", ttl_ms=1_000)
    await sent(line, command, ttl_ms=1_000, age_ms=5_000)
    assert (await asked(line, command.id, salon)).body["state"] == "expired"
    assert [row[0] for row in await line.rows("SELECT state FROM inbox")] == ["expired"]
    assert await line.effects() == set()


async def test_a_live_repetition_takes_over_what_a_question_expired(
    line: Line, salon: UUID
) -> None:
    """The same request sent again with a live deadline runs, though somebody had asked."""
    command = line.command(salon, fingerprint="f")
    await sent(line, command, ttl_ms=1_000, age_ms=5_000)
    await asked(line, command.id, salon)
    assert (await line.deliver(command.with_fields(ttl_ms=60_000))).status == 201


async def test_who_may_know(line: Line, salon: UUID, clinic: UUID) -> None:
    """Its own caller, an owner and the platform; anybody else gets the 404 of a random id."""
    command = line.command(salon)
    waiting = line.command(salon)
    await line.deliver(command)
    await sent(line, waiting, ttl_ms=60_000)
    for operation_id in (command.id, waiting.id):
        for actor in (CALLER, OWNER, PLATFORM):
            assert (await asked(line, operation_id, salon, actor)).status == 200, actor
        assert (await asked(line, operation_id, salon, STRANGER)).status == 404
        for actor in (CALLER, OWNER, STRANGER):
            assert (await asked(line, operation_id, clinic, actor)).status == 404, actor
    assert (await asked(line, new_id(), salon, PLATFORM)).status == 404


async def test_another_tenants_question_expires_nothing(
    line: Line, salon: UUID, clinic: UUID
) -> None:
    """Asking after another tenant's late command leaves no row behind."""
    command = line.command(salon)
    await sent(line, command, ttl_ms=1_000, age_ms=5_000)
    assert (await asked(line, command.id, clinic, OWNER)).status == 404
    assert await line.rows("SELECT 1 FROM inbox") == []


async def test_the_platforms_operations_are_no_tenants(line: Line, salon: UUID) -> None:
    """What was asked for no tenant is shown to the platform, and to no owner of a tenant."""
    command = line.command(salon).with_fields(tenant_id=None, actor=PLATFORM)
    await sent(line, command, ttl_ms=60_000)
    assert (await asked(line, command.id, None, PLATFORM)).status == 200
    assert (await asked(line, command.id, salon, PLATFORM)).status == 200
    assert (await asked(line, command.id, salon, OWNER)).status == 404
