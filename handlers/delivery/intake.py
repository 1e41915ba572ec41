"""The one place around all handlers: decode, check, run, answer, acknowledge; or wait, or give up.

    entry ─► decode ─► route ─► contract ─► permission ─► prepare ─► transaction ─► facts ─► reply
               │          │         │           │                                       + XACK
               └──────────┴─────────┴───────────┴─► recorded, answered if it can be, acknowledged

An error of ours leaves the entry pending: the reclaimer delivers it again, five times at most.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from contracts.wire.codec import Malformed, decode
from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from contracts.wire.sealing import Keyring
from handlers.delivery.checking import Rejected, Route, checked
from handlers.delivery.commands import Carried, CommandRunner
from handlers.delivery.dead_letters import MAX_DELIVERIES, dead_letter_steps
from handlers.delivery.entries import Entry
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.metrics import OTHER, MessageMetrics
from handlers.delivery.nudges import nudge
from handlers.delivery.outage import Outage
from handlers.delivery.patience import PATIENCE, is_waited_for
from handlers.delivery.queries import QueryRunner
from handlers.delivery.redis_clock import RedisClock, entry_ms
from handlers.delivery.standing import Standing
from handlers.delivery.trail import Trail
from handlers.delivery.work import Asked, CommandRoute, Decide, Outcome, QueryRoute, Unavailable
from handlers.delivery.writer import Writer, acknowledgement
from journal.bearings import ends_as
from journal.messages import Working
from journal.notes import note
from storage.delivery.errors import Trouble, trouble_of
from storage.delivery.known import KnownObjects
from storage.delivery.transaction import Writing

TRIES = 3
HARD_LIMIT_SECONDS = 10.0


class Intake:
    """Takes entries of one context's streams through its handlers."""

    def __init__(  # noqa: PLR0913  # the list of what surrounds a handler
        self,
        *,
        context: str,
        routes: Mapping[str, Route],
        commands: CommandRunner,
        queries: QueryRunner,
        writer: Writer,
        clock: RedisClock,
        known: KnownObjects,
        keyring: Keyring,
        standing: Standing,
        outage: Outage,
        failpoints: FailPoints,
        trail: Trail,
        metrics: MessageMetrics,
    ) -> None:
        self._context = context
        self._routes = routes
        self._commands = commands
        self._queries = queries
        self._writer = writer
        self._clock = clock
        self._known = known
        self._keyring = keyring
        self._standing = standing
        self._outage = outage
        self._failpoints = failpoints
        self._trail = trail
        self._metrics = metrics

    async def take(self, entry: Entry) -> None:
        """Afterwards the entry is acknowledged, or is left pending to be delivered again."""
        self._metrics.delivered(entry)
        if entry.deliveries > MAX_DELIVERIES:
            await self._give_up(entry)
            return
        try:
            envelope = decode(entry.fields)
        except Malformed as bad:
            await self._drop(entry, bad.code, bad.detail)
            return
        with Working(entry.stream, entry.group, envelope, entry.deliveries):
            await self._work(entry, envelope)

    async def _work(self, entry: Entry, envelope: Envelope) -> None:
        try:
            asked, route = checked(envelope, self._routes, self._keyring)
        except Rejected as rejected:
            await self._reject(entry, envelope, rejected.problem)
            return
        while await self._hung(entry, asked, route):
            if await self._outage.answers():
                self._metrics.ended(envelope.type, "hung")
                note(logging.ERROR, "handler hung; left pending", **_names(entry, envelope))
                ends_as("left_pending", "TimeoutError")
                return
            # It hung because a dependency is frozen: that is an outage like any other.
            await self._outage.over(entry, TimeoutError("no answer"))

    async def _hung(self, entry: Entry, asked: Asked[Any], route: Route) -> bool:
        """Runs the handler; whether it had to be given up for taking too long."""
        running = asyncio.ensure_future(self._run(entry, asked, route))
        done, _ = await asyncio.wait({running}, timeout=HARD_LIMIT_SECONDS)
        while not done and self._outage.is_on:
            done, _ = await asyncio.wait({running}, timeout=HARD_LIMIT_SECONDS)
        if not done:
            running.cancel()
            return True
        running.result()
        return False

    async def _run(self, entry: Entry, asked: Asked[Any], route: Route) -> None:
        tries = waits = 0
        while True:
            try:
                with self._metrics.timed(asked.envelope.type):
                    await self._once(entry, asked, route)
            except Unavailable as failure:
                if is_waited_for(asked.envelope):
                    await self._answer_problem(entry, asked.envelope, "unavailable", str(failure))
                elif waits < len(PATIENCE):
                    self._metrics.retried(asked.envelope.type)
                    await asyncio.sleep(PATIENCE[waits])
                    waits += 1
                    continue
                else:
                    self._metrics.ended(asked.envelope.type, "left")
                    ends_as("left_pending", "Unavailable")
            except Exception as failure:  # the one place: what went wrong decides what follows
                trouble = _trouble(failure)
                if trouble is Trouble.AWAY:
                    await self._outage.over(entry, failure)
                    continue
                tries += 1
                if trouble is Trouble.AGAIN and tries < TRIES:
                    self._metrics.retried(asked.envelope.type)
                    await asyncio.sleep(random.uniform(0, 0.05 * 2**tries))
                    continue
                if trouble is Trouble.AGAIN and is_waited_for(asked.envelope):
                    await self._answer_problem(entry, asked.envelope, "overloaded", "try again")
                    return
                self._metrics.ended(asked.envelope.type, "failed")
                note(
                    logging.ERROR,
                    "handler failed; left pending",
                    trouble=failure,
                    **_names(entry, asked.envelope),
                )
                ends_as("left_pending", type(failure).__name__)
            return

    async def _once(self, entry: Entry, asked: Asked[Any], route: Route) -> None:
        changes = isinstance(route, CommandRoute)
        of_deleted = isinstance(route, QueryRoute) and route.of_deleted
        problem = await self._standing.problem(
            asked.envelope, self._context, changes=changes, of_deleted=of_deleted
        )
        if problem is not None:
            refused = refusal(problem, asked.envelope.trace_id)
            await self._answer(entry, asked.envelope, refused.encode(), refused)
            return
        expired = await self._expired(entry, asked.envelope)
        if isinstance(route, QueryRoute):
            if expired:
                self._metrics.ended(asked.envelope.type, "expired")
                ends_as("expired")
                await self._writer.put(acknowledgement(entry))
                return
            reply, said = await self._queries.answered(route, await _prepared(route, asked))
            await self._answer(entry, asked.envelope, reply, said)
            return
        if not expired:
            try:
                asked = await _prepared(route, asked)
            except Unavailable as failure:
                # A repetition has its outcome in the inbox, whoever is away now.
                route = replace(route, decide=_unavailable(failure))
        carried = await self._commands.run(route, asked, expired=expired)
        while carried.still_waiting:
            await asyncio.sleep(0.1)
            carried = await self._commands.run(route, asked, expired=expired)
        for fact in carried.facts:
            await self._known.remember(fact)
        await self._answer_carried(entry, asked.envelope, carried)
        self._failpoints.passing("after_reply")

    async def _expired(self, entry: Entry, envelope: Envelope) -> bool:
        if envelope.ttl_ms is None:
            return False
        return await self._clock.now_ms() > entry_ms(entry.id) + envelope.ttl_ms

    async def _answer(self, entry: Entry, envelope: Envelope, data: bytes, said: Reply) -> None:
        now_ms = await self._clock.now_ms()
        steps = self._writer.reply_steps(envelope, data, now_ms)
        ends_as(f"answered {said.status}")
        noted = self._trail.refusal_steps(envelope, said)
        await self._writer.put(*steps, *noted, acknowledgement(entry))
        self._metrics.answered(envelope.type, said)

    async def _answer_carried(self, entry: Entry, envelope: Envelope, carried: Carried) -> None:
        now_ms = await self._clock.now_ms()
        steps = self._trail.refusal_steps(envelope, carried.said) if carried.said else []
        ends_as(carried.outcome)
        if carried.reply is not None:
            steps += self._writer.reply_steps(envelope, carried.reply, now_ms)
        if carried.other is not None:
            steps += self._writer.reply_steps(*carried.other, now_ms)
        await self._writer.put(*steps, acknowledgement(entry), nudge(self._context))
        self._metrics.carried(envelope.type, carried)

    async def _answer_problem(
        self, entry: Entry, envelope: Envelope, code: str, detail: str
    ) -> None:
        said = refusal(Problem(code=code, detail=detail), envelope.trace_id)
        await self._answer(entry, envelope, said.encode(), said)

    async def _reject(self, entry: Entry, envelope: Envelope, problem: Problem) -> None:
        """Not for a handler: answered; recorded too unless it is a client's own mistake."""
        now_ms = await self._clock.now_ms()
        reply = refusal(problem, envelope.trace_id)
        ends_as(f"refused {problem.status}")
        steps = self._writer.reply_steps(envelope, reply.encode(), now_ms)
        steps += self._trail.refusal_steps(envelope, reply)
        if problem.status == 400 and envelope.reply_to and problem.code != "unknown_type":
            await self._writer.put(*steps, acknowledgement(entry))
            self._metrics.refused(envelope.type, problem.code)
            return
        note(logging.WARNING, "entry refused", reason=problem.code, **_names(entry, envelope))
        dead = dead_letter_steps(entry, problem.code, problem.detail, now_ms)
        await self._writer.put(*steps, *dead)
        self._metrics.given_up(envelope.type, problem.code)

    async def _drop(self, entry: Entry, reason: str, detail: str) -> None:
        note(logging.WARNING, "entry is not a message", reason=reason, entry=entry.id)
        now_ms = await self._clock.now_ms()
        await self._writer.put(*dead_letter_steps(entry, reason, detail, now_ms))
        self._metrics.given_up(OTHER, reason)

    async def _give_up(self, entry: Entry) -> None:
        """Five deliveries were not enough: to the dead letters, and the caller is told."""
        now_ms = await self._clock.now_ms()
        steps = dead_letter_steps(entry, "too_many_deliveries", "", now_ms)
        try:
            envelope = decode(entry.fields)
        except Malformed:
            envelope = None
        if envelope is not None:
            reply = refusal(Problem(code="internal_error"), envelope.trace_id).encode()
            steps = self._writer.reply_steps(envelope, reply, now_ms) + steps
        note(logging.ERROR, "dead letter", entry=entry.id, stream=entry.stream)
        await self._writer.put(*steps)
        self._metrics.given_up(envelope.type if envelope else OTHER, "too_many_deliveries")


async def _prepared(route: Route, asked: Asked[Any]) -> Asked[Any]:
    if route.prepare is None:
        return asked
    return Asked(asked.message, asked.envelope, await route.prepare(asked))


def _unavailable(failure: Unavailable) -> Decide:
    async def decide(_work: Writing, _asked: Asked[Any]) -> Outcome:
        raise failure

    return decide


def _trouble(failure: BaseException) -> Trouble:
    """What Redis refuses (a key of another kind, say) is a mistake; that it is full, or a replica
    for now, passes like its being away."""
    passing = isinstance(failure, OutOfMemoryError | ReadOnlyError)
    if isinstance(failure, RedisError) and (passing or not isinstance(failure, ResponseError)):
        return Trouble.AWAY
    return trouble_of(failure)


def _names(entry: Entry, envelope: Envelope) -> dict[str, Any]:
    return {
        "stream": entry.stream,
        "entry": entry.id,
        "deliveries": entry.deliveries,
        "type": envelope.type,
    }
