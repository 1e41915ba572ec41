"""What is looked up when the page is asked for: pools of connections, and the cache of facts."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.delivery.metrics import ProcessMetrics
from handlers.delivery.relay import Relay
from storage.delivery.known import KnownObjects
from storage.delivery.pool import pool_state


def process_metrics(engines: Mapping[str, AsyncEngine], known: KnownObjects) -> ProcessMetrics:
    """The metrics of a process that reads, these engines and this cache included."""
    metrics = ProcessMetrics()
    metrics.registry.register(PoolMetrics(engines))
    metrics.registry.register(KnownMetrics(known))
    return metrics


class PoolMetrics(Collector):
    """The connections of each engine, by its name; `engines` may still grow."""

    def __init__(self, engines: Mapping[str, AsyncEngine]) -> None:
        self._engines = engines

    def collect(self) -> Iterable[Metric]:
        size = GaugeMetricFamily(
            "slotstream_database_pool_size", "Connections that there may be.", labels=["pool"]
        )
        in_use = GaugeMetricFamily(
            "slotstream_database_pool_in_use", "Connections at work.", labels=["pool"]
        )
        waiting = GaugeMetricFamily(
            "slotstream_database_pool_waiting", "Who waits for a connection.", labels=["pool"]
        )
        for name, engine in tuple(self._engines.items()):
            state = pool_state(engine)
            if state is not None:
                size.add_metric([name], state.size)
                in_use.add_metric([name], state.in_use)
                waiting.add_metric([name], state.waiting)
        return (size, in_use, waiting)


class KnownMetrics(Collector):
    """How often a fact about another context's object was at hand. Of some kinds there is nothing
    while all is well (a session that is over, a key that was deleted): their misses are no want."""

    def __init__(self, known: KnownObjects) -> None:
        self._known = known

    def collect(self) -> Iterable[Metric]:
        found = CounterMetricFamily(
            "slotstream_cache_lookups",
            "Lookups in a cache, by what is looked for and whether it was there.",
            labels=["cache", "result"],
        )
        for result, counts in (("hit", self._known.hits), ("miss", self._known.misses)):
            for kind, count in tuple(counts.items()):
                found.add_metric([f"known_{kind}", result], count)
        return (found,)


class RelayMetrics(Collector):
    """Which contexts' relays are active here; of several processes one is, for each."""

    def __init__(self, relays: Sequence[Relay]) -> None:
        self._relays = relays

    def collect(self) -> Iterable[Metric]:
        active = GaugeMetricFamily(
            "slotstream_relay_active",
            "1 where this process publishes the context's outbox.",
            labels=["context"],
        )
        for relay in self._relays:
            active.add_metric([relay.context], relay.is_active)
        return (active,)
