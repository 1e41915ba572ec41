"""The relay process: a relay for every context, woken by nudges, and the timers."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.endings import ended as finished
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.metrics import new_registry
from handlers.delivery.metrics_server import MetricsServer
from handlers.delivery.nudges import listen
from handlers.delivery.redis_clients import reading_client, writing_client
from handlers.delivery.relay import Relay
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.state_metrics import PoolMetrics, RelayMetrics
from journal.notes import note
from storage.delivery.engine import make_engine

Timer = Callable[[], Awaitable[None]]


class RelayProcess:
    """Relays the outbox of each of `contexts`, which says in whose database that is; timers run
    beside."""

    def __init__(self, settings: ProcessSettings, contexts: Mapping[str, str]) -> None:
        self.settings = settings
        self.client = writing_client(settings.redis_url)
        self._nudges = reading_client(settings.redis_url)
        failpoints = FailPoints(settings.fail_point, "relay", settings.environment)
        self._engines = [
            make_engine(settings.database_url(database), connections=1, name="slotstream relay")
            for database in contexts.values()
        ]
        self._relays = [
            Relay(context, engine, self.client, failpoints)
            for context, engine in zip(contexts, self._engines, strict=True)
        ]
        self._timers: list[Timer] = []
        self._pools = {
            f"relay of {name}": engine for name, engine in zip(contexts, self._engines, strict=True)
        }
        self.registry = new_registry()
        self.registry.register(PoolMetrics(self._pools))
        self.registry.register(RelayMetrics(self._relays))
        self._page = MetricsServer(self.registry, *settings.metrics_place)

    def timer_engine(self, context: str) -> AsyncEngine:
        """An engine for a context's database as the role of the timers."""
        url = self.settings.timer_database_url(context)
        engine = make_engine(url, connections=2, name="slotstream timers")
        self._engines.append(engine)
        self._pools[f"timer of {context}"] = engine
        return engine

    def every(self, timer: Timer) -> None:
        """Runs a timer's own loop beside the relays."""
        self._timers.append(timer)

    async def run(self) -> int:
        """Works until SIGTERM or SIGINT; not 0 when a relay or timer ended by itself."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self._page.start()
        by_context = {relay.context: relay for relay in self._relays}
        tasks = [asyncio.create_task(relay.run()) for relay in self._relays]
        tasks += [asyncio.create_task(listen(self._nudges, by_context))]
        tasks += [asyncio.ensure_future(timer()) for timer in self._timers]
        note(logging.INFO, "relaying", contexts=",".join(by_context))
        stopping = asyncio.create_task(stop.wait())
        ended, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        healthy = stopping in ended
        for task in ended - {stopping}:
            note(logging.ERROR, "a relay or timer ended", trouble=task.exception())
        await finished((stopping, *tasks))
        await self._page.stop()
        await self.client.aclose()
        await self._nudges.aclose()
        for engine in self._engines:
            await engine.dispose()
        return 0 if healthy else 1
