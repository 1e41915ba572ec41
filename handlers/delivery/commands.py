"""One command, from its inbox row to its stored reply, in one transaction."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.envelope import ANONYMOUS, Envelope
from contracts.wire.identity import NIL
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, is_wiped, refusal, sealed, wiped
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Strict
from handlers.delivery.effects import read, written
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.outgoing import Outgoing
from handlers.delivery.work import Asked, CommandRoute, Done, Happened, Outcome, Refused
from handlers.delivery.work import Waiting as WaitingOutcome
from storage.delivery.known import Fact
from storage.delivery.transaction import Found, Writing, writing


@dataclass(frozen=True, slots=True)
class Carried:
    """What is left to do after the commit: facts to write through, and replies to give.

    `reply` is None while another context is awaited, `still_waiting` when a repetition meets such a
    command. `other` is the reply to a command that was waiting, with the envelope to answer. `said`
    is what a reply says that was come to just now, `happened` the events that were stored with it.
    """

    reply: bytes | None
    facts: tuple[Fact, ...] = ()
    other: tuple[Envelope, bytes] | None = None
    still_waiting: bool = False
    said: Reply | None = None
    happened: tuple[Happened, ...] = ()
    expired: bool = False

    @property
    def outcome(self) -> str:
        """What became of it, in a word or two."""
        if self.expired:
            return "expired"
        if self.said is not None:
            return f"answered {self.said.status}"
        return "waiting" if self.reply is None else "repeated"


class CommandRunner:
    """Carries out the commands of one context against its database."""

    def __init__(
        self, context: str, engine: AsyncEngine, keyring: Keyring, failpoints: FailPoints
    ) -> None:
        self._engine = engine
        self._keyring = keyring
        self._outgoing = Outgoing(context, keyring)
        self._failpoints = failpoints

    async def run(self, route: CommandRoute, asked: Asked[Any], *, expired: bool) -> Carried:
        """The outcome, committed. A repetition gets the first one again; a command whose deadline
        has passed is marked `expired` and never runs, unless it ran before."""
        envelope = asked.envelope
        fingerprint = envelope.fingerprint or _own_fingerprint(envelope)
        transaction = writing(
            self._engine,
            envelope.tenant_id,
            envelope.id,
            fingerprint=fingerprint,
            actor=envelope.actor.label,
            reply_to=envelope.reply_to,
            traceparent=envelope.traceparent,
        )
        try:
            async with transaction as (work, found):
                carried = await self._decided(route, asked, work, found, fingerprint, expired)
                self._failpoints.passing("before_commit")
        except NotKept as outcome:
            return Carried(outcome.reply, outcome.facts, said=outcome.said)
        self._failpoints.passing("after_commit")
        return carried

    async def _decided(  # one command's whole circumstances
        self,
        route: CommandRoute,
        asked: Asked[Any],
        work: Writing,
        found: Found,
        fingerprint: str,
        expired: bool,
    ) -> Carried:
        envelope = asked.envelope
        if found.state not in ("new", "running"):
            if found.fingerprint != fingerprint:
                raise NotKept(self._problem("idempotency_key_reused", envelope))
            if found.state != "expired" or expired:
                return self._again(found, envelope)
        inbox_tenant = work.tenant_id
        if expired:
            reply = self._problem("expired", envelope)
            await work.finish(inbox_tenant, envelope.id, state="expired", reply=reply, effects=None)
            return Carried(reply, expired=True)
        outcome = await route.decide(work, asked)
        return await self._stored(work, inbox_tenant, envelope, outcome, found)

    async def _stored(
        self,
        work: Writing,
        inbox_tenant: UUID,
        envelope: Envelope,
        outcome: Outcome,
        found: Found,
    ) -> Carried:
        rows = self._outgoing.rows(envelope, outcome, found.began_at)
        if isinstance(outcome, WaitingOutcome):
            await work.finish(
                inbox_tenant,
                envelope.id,
                state="waiting",
                reply=None,
                effects=written(outcome.facts),
                outbox=rows,
            )
            return Carried(None, outcome.facts, happened=outcome.events)
        reply = reply_of(outcome, envelope)
        facts = outcome.facts
        if not reply.kept:
            raise NotKept(reply.encode(), facts, reply)
        other = None
        if isinstance(outcome, Done) and outcome.completes is not None:
            other = await self._completed(work, inbox_tenant, *outcome.completes)
        data = self._closed(reply, outcome)
        unkept = isinstance(outcome, Done) and outcome.unkept
        again = replace(reply, replayed=True)
        stored = wiped(reply.status) if unkept else self._closed(again, outcome)
        await work.finish(
            inbox_tenant,
            envelope.id,
            state="done",
            reply=stored,
            effects=written(facts),
            outbox=rows,
        )
        return Carried(data, facts, other, said=reply, happened=outcome.events)

    async def _completed(
        self, work: Writing, tenant_id: UUID, command_id: UUID, reply: Reply
    ) -> tuple[Envelope, bytes] | None:
        """Stores the outcome of a command that waited, and says whom to answer."""
        if work.tenant_id != tenant_id:
            await work.enter(tenant_id)
        waiting = await work.waiting(command_id)
        if waiting is None:
            return None
        reply_to, traceparent, _ = waiting
        await work.finish(
            tenant_id,
            command_id,
            state="done",
            reply=replace(reply, replayed=True).encode(),
            effects=None,
        )
        asked = Envelope(
            id=command_id,
            type="",
            source="",
            data=b"",
            reply_to=reply_to,
            traceparent=traceparent,
            tenant_id=None if tenant_id == NIL else tenant_id,
        )
        return asked, reply.encode()

    def _again(self, found: Found, envelope: Envelope) -> Carried:
        """The stored outcome, and the effects once more: the crash may have come before them."""
        facts = read(found.effects)
        if found.state == "waiting":
            return Carried(None, facts, still_waiting=True)
        if found.reply is None or is_wiped(found.reply):
            # Sign-in keeps no reply: the caller that lost it signs in again.
            code = "unavailable" if envelope.actor is ANONYMOUS else "outcome_not_kept"
            return Carried(self._problem(code, envelope), facts)
        return Carried(found.reply.encode(), facts)

    def _problem(self, code: str, envelope: Envelope) -> bytes:
        return refusal(Problem(code=code), envelope.trace_id).encode()

    def _closed(self, reply: Reply, outcome: Outcome) -> bytes:
        data = reply.encode()
        private = isinstance(outcome, Done) and outcome.private
        return sealed(data, self._keyring) if private else data


class NotKept(Exception):
    """Rolls the transaction back: this answer is not an outcome that a repetition gets again."""

    def __init__(
        self, reply: bytes, facts: tuple[Fact, ...] = (), said: Reply | None = None
    ) -> None:
        super().__init__("not kept")
        self.reply = reply
        self.facts = facts
        self.said = said


def reply_of(outcome: Done | Refused, envelope: Envelope) -> Reply:
    """The reply that says this outcome."""
    if isinstance(outcome, Refused):
        return refusal(outcome.problem, envelope.trace_id)
    body = outcome.body
    return Reply(outcome.status, body.model_dump(mode="json") if isinstance(body, Strict) else body)


def _own_fingerprint(envelope: Envelope) -> str:
    """For entries that came without one: what is asked, as received."""
    return hashlib.sha256(envelope.type.encode() + b"\n" + envelope.data).hexdigest()
