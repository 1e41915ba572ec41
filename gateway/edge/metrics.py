"""What a gateway counts and measures of itself.

A label holds what the code knows beforehand: a route's template, a code, the name of a limit.
Paths, tenants, people and whatever a request brought along never become one.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from contracts.wire.problems import CODES
from gateway.edge.visit import Visit

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What no route serves, methods of nobody's, and codes of a later version.
NONE, OTHER = "none", "other"
LIMITS = ("tenant", "user", "service", "platform", "address", "sign_in", "followers", OTHER)


class Cache(Protocol):
    """What remembers answers, and counts how often it could give one."""

    hits: int
    misses: int


class GatewayMetrics:
    """Those of one gateway process, in a registry of their own."""

    def __init__(self) -> None:
        # When a series began is twice as many series, and nothing here asks for it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self.under_way = 0
        self._requests = Counter(
            "slotstream_http_requests_total",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "slotstream_http_request_seconds",
            "From a request's head to the beginning of its answer.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self._problems = Counter(
            "slotstream_http_problems_total",
            "Answers that are problems, by their code.",
            ("code",),
            registry=registry,
        )
        limited = Counter(
            "slotstream_rate_limited_total",
            "Requests that were refused because of a limit, by whose it is.",
            ("limit",),
            registry=registry,
        )
        self._limited = {name: limited.labels(name) for name in LIMITS}
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.caches: dict[str, Cache] = {}
        registry.register(_Caches(self.caches))
        self.look_at("http_requests_in_flight", "Requests under way.", lambda: self.under_way)

    def look_at(self, name: str, says: str, now: Callable[[], float]) -> None:
        """A gauge that is looked up when the page is asked for."""
        Gauge(f"slotstream_{name}", says, registry=self.registry).set_function(now)

    def answered(self, visit: Visit, template: str, status: int) -> None:
        """An answer of this status begins, from the route with this template."""
        key = (visit.method, template, status)
        counter, histogram = self._series.get(key) or self._new_series(key)
        counter.inc()
        histogram.observe(perf_counter() - visit.begun)
        for code in visit.codes:
            self.problem(code)
        for limit in visit.limits:
            self._limited[limit if limit in LIMITS else OTHER].inc()

    def problem(self, code: str) -> None:
        self._problems.labels(code if code in CODES else OTHER).inc()

    def _new_series(self, key: tuple[str, str, int]) -> tuple[Counter, Histogram]:
        method, template, status = key
        labels = (method if method in METHODS else OTHER, template or NONE, str(status))
        made = (self._requests.labels(*labels), self._seconds.labels(*labels))
        if method in METHODS:
            self._series[key] = made
        return made


class _Caches(Collector):
    def __init__(self, caches: dict[str, Cache]) -> None:
        self._caches = caches

    def collect(self) -> Iterable[Metric]:
        found = CounterMetricFamily(
            "slotstream_cache_lookups",
            "Lookups in a cache, by what is looked for and whether it was there.",
            labels=["cache", "result"],
        )
        for name, cache in self._caches.items():
            found.add_metric([name, "hit"], cache.hits)
            found.add_metric([name, "miss"], cache.misses)
        return (found,)
