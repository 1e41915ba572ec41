"""One process that reads streams: what it reads, how it starts, and how it stops without loss."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.streams import commands_of, events_of, queries_of
from handlers.delivery.asking import Asker
from handlers.delivery.broker import make_broker, subscribe
from handlers.delivery.checking import Route
from handlers.delivery.commands import CommandRunner
from handlers.delivery.endings import ended
from handlers.delivery.entries import Entry
from handlers.delivery.events import Consume, EventIntake, InTransaction
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.groups import ensure_group
from handlers.delivery.intake import Intake
from handlers.delivery.metrics import Hear
from handlers.delivery.metrics_server import MetricsServer
from handlers.delivery.outage import Outage
from handlers.delivery.queries import QueryRunner
from handlers.delivery.reclaimer import Reclaimer
from handlers.delivery.redis_clients import reading_client, writing_client
from handlers.delivery.redis_clock import RedisClock
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.slots import Slots
from handlers.delivery.standing import Roles, Standing
from handlers.delivery.state_metrics import process_metrics
from handlers.delivery.tenant_rules import Question, TenantRules
from handlers.delivery.trail import Trail
from handlers.delivery.writer import Writer
from journal.notes import note
from storage.delivery.engine import make_engine
from storage.delivery.known import KnownObjects

Work = Callable[[Entry], Awaitable[None]]
Timer = Callable[[], Coroutine[Any, Any, None]]
WATCH_EVERY = 0.5
# Events that one consumer works on at a time, of all its streams together.
CONSUMING_AT_ONCE = 4


class Process:
    """Holds the clients, engines and tasks of a handler or subscriber process."""

    def __init__(
        self,
        settings: ProcessSettings,
        role: str,
        tenant_question: Question | None,
        built_in: Roles,
    ) -> None:
        self.settings = settings
        self._role = role
        self.name = settings.consumer_name
        self.keyring = settings.keyring
        self.failpoints = FailPoints(settings.fail_point, role, settings.environment)
        self.client: Redis = writing_client(settings.redis_url, connections=64)
        self._writer_client = writing_client(settings.redis_url)
        self._reply_client = reading_client(settings.redis_url)
        self.writer = Writer(self._writer_client, f"worker/{self.name}", self.keyring)
        self.trail = Trail(self.writer, f"worker/{self.name}")
        self.clock = RedisClock(self.client)
        self.known = KnownObjects(self.client, settings.cache_ttl_seconds)
        self.asker = Asker(
            self.client,
            self._reply_client,
            self.name,
            self.keyring,
            min(settings.request_timeout_seconds / 2, 3.0),
        )
        self.rules = (
            None
            if tenant_question is None
            else TenantRules(self.known, self.asker, tenant_question)
        )
        self._standing = Standing(self.known, self.rules, built_in)
        self.broker = make_broker(settings.redis_url)
        self._engines: dict[str, AsyncEngine] = {}
        self.metrics = process_metrics(self._engines, self.known)
        self._page = MetricsServer(self.metrics.registry, *settings.metrics_place)
        self._slots: list[Slots] = []
        self._reclaimers: list[tuple[Reclaimer, Work]] = []
        self._groups: list[tuple[str, str]] = []
        self._timers: list[Timer] = [self.trail.run]

    def engine(self, context: str) -> AsyncEngine:
        """The engine of a context's database, made once."""
        if context not in self._engines:
            self._engines[context] = make_engine(
                self.settings.database_url(context),
                connections=self.settings.worker_concurrency + 2,
                name=f"slotstream {self.name}",
            )
        return self._engines[context]

    def timer_engine(self, context: str) -> AsyncEngine:
        """An engine for a context's database as the role of the timers, made once."""
        name = f"timer of {context}"
        if name not in self._engines:
            url = self.settings.timer_database_url(context)
            self._engines[name] = make_engine(url, connections=4, name=f"slotstream {self.name}")
        return self._engines[name]

    def every(self, timer: Timer) -> None:
        """Runs a timer's own loop beside the readers."""
        self._timers.append(timer)

    def serve(
        self, context: str, database: str, routes: Sequence[Route], hear: Hear | None = None
    ) -> None:
        """Handles the commands and queries of a context; reads never queue behind writes. `hear` is
        told of every event that they had, once it is stored."""
        by_type = {route.message.type: route for route in routes}
        engine = self.engine(database)
        outage = Outage(engine, self.client, self.name)
        intake = Intake(
            context=context,
            routes=by_type,
            commands=CommandRunner(context, engine, self.keyring, self.failpoints),
            queries=QueryRunner(engine, self.keyring),
            writer=self.writer,
            clock=self.clock,
            known=self.known,
            keyring=self.keyring,
            standing=self._standing,
            outage=outage,
            failpoints=self.failpoints,
            trail=self.trail,
            metrics=self.metrics.of_context(context, by_type, hear),
        )
        for stream in (commands_of(context), queries_of(context)):
            self.read(stream, context, intake.take, outage.answers)

    def consume(
        self,
        consumer: str,
        contexts: Sequence[str],
        database: str,
        consume: Consume,
        types: frozenset[str] = frozenset(),
    ) -> None:
        """Consumes the events of `contexts` with a group of its own, keeping its inbox in
        `database`."""
        engine = self._consumers_engine(consumer, database)
        outage = Outage(engine, self.client, self.name)
        effect = InTransaction(consumer, engine, consume)
        metrics = self.metrics.of_consumer(consumer, types)
        intake = EventIntake(consumer, effect, self.writer, self.clock, outage, types, metrics)
        slots = Slots(intake.take, CONSUMING_AT_ONCE)
        for context in contexts:
            self._read(events_of(context), consumer, intake.take, outage.answers, slots)

    def _consumers_engine(self, consumer: str, database: str) -> AsyncEngine:
        """One of the consumer's own, where several share a database: whoever waits for a lock, or
        has much to hear, takes no connection from another."""
        if self._role != "subscriber":
            return self.engine(database)
        name = f"consumer {consumer}"
        self._engines[name] = make_engine(
            self.settings.database_url(database),
            connections=CONSUMING_AT_ONCE + 1,
            name=f"slotstream {self.name}",
        )
        return self._engines[name]

    def read(
        self, stream: str, group: str, work: Work, ready: Callable[[], Awaitable[bool]]
    ) -> None:
        """Reads one stream for one group, and claims what others left."""
        self._read(stream, group, work, ready, Slots(work, self.settings.worker_concurrency))

    def _read(
        self,
        stream: str,
        group: str,
        work: Work,
        ready: Callable[[], Awaitable[bool]],
        slots: Slots,
    ) -> None:
        self._slots.append(slots)
        self._groups.append((stream, group))
        subscribe(self.broker, stream, group, self.name, slots.take)
        reclaimer = Reclaimer(self.client, stream, group, self.name, slots.take, ready)
        self._reclaimers.append((reclaimer, work))

    async def run(self) -> int:
        """Works until SIGTERM or SIGINT; the exit status, not 0 when it stopped by itself."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self._page.start()
        background = [asyncio.create_task(self.asker.run())]
        for stream, group in self._groups:
            await ensure_group(self.client, stream, group)
        if not await self._drained(stop):
            await self._close(background)
            return 0
        await self.broker.start()
        background += [asyncio.create_task(found.run()) for found, _ in self._reclaimers]
        background += [asyncio.create_task(timer()) for timer in self._timers]
        note(logging.INFO, "reading", consumer=self.name)
        healthy = await self._watch(stop, background)
        await self._close(background)
        return 0 if healthy else 1

    async def _drained(self, stop: asyncio.Event) -> bool:
        """What was read before the last end is worked off; False where a signal came first: what
        that needs may be away for long."""
        draining = asyncio.create_task(self._drain())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({draining, stopping}, return_when=asyncio.FIRST_COMPLETED)
        done = draining.done()
        await ended((draining, stopping))
        if done:
            draining.result()
        return done

    async def _drain(self) -> None:
        for reclaimer, work in self._reclaimers:
            await reclaimer.drain_own(work)

    async def _watch(self, stop: asyncio.Event, background: list["asyncio.Task[None]"]) -> bool:
        """Waits for a signal; FastStream stops a reader whose group is gone, with exit code 0."""
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), WATCH_EVERY)
            except TimeoutError:
                stopped = [found for found in self.broker.subscribers if not found.running]
                ended = [task for task in background if task.done()]
                if stopped or ended:
                    for task in ended:
                        note(logging.ERROR, "a task ended", trouble=task.exception())
                    note(logging.ERROR, "a reader stopped; this process ends")
                    return False
        return True

    async def _close(self, background: list["asyncio.Task[None]"]) -> None:
        await self.broker.stop()
        for slots in self._slots:
            await slots.drained()
        await self.trail.close()
        await ended(background)
        await self._page.stop()
        for client in (self.client, self._writer_client, self._reply_client):
            await client.aclose()
        for engine in self._engines.values():
            await engine.dispose()
