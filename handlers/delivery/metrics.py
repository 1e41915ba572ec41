"""What a process that reads streams counts and measures of itself.

Everything stands in the registry of the process, which is a value that is handed on. A label holds
what the code knows beforehand (a message's type, a consumer, a code); never a tenant, a person, an
id, or a word that an entry brought along.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from contracts.catalogue import EVENTS
from contracts.wire.problems import CODES
from contracts.wire.reply import Reply
from handlers.delivery.commands import Carried
from handlers.delivery.entries import Entry
from handlers.delivery.work import Happened

# What no route handles, and codes of a later version.
OTHER = "other"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Hear = Callable[[Happened], None]


def new_registry() -> CollectorRegistry:
    """A registry with what every process says of itself: memory, processor, files, collections."""
    # When a series began is twice as many series, and nothing here asks for it.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class ProcessMetrics:
    """The families of one process; what belongs to one context or consumer is made by it."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.messages = self._counter(
            "messages_total",
            "Commands and queries by what became of this delivery.",
            *("context", "type", "outcome"),
        )
        self.refused = self._counter(
            "messages_refused_total",
            "Commands and queries that were refused, by the code of the problem.",
            *("context", "type", "code"),
        )
        self.message_seconds = self._histogram(
            "message_seconds",
            "How long a handler took, its transaction and its reply included.",
            *("context", "type"),
        )
        self._add_events()
        self.ingress = self._counter(
            "ingress_entries_total",
            "Entries of direct publishers: forwarded, or why they were refused.",
            *("publisher", "outcome"),
        )

    def _add_events(self) -> None:
        self.events = self._counter(
            "events_consumed_total",
            "Events by consumer and by what became of this delivery.",
            *("consumer", "type", "outcome"),
        )
        self.event_seconds = self._histogram(
            "event_seconds", "How long a consumer took for an event that concerns it.", "consumer"
        )
        self.redelivered = self._counter(
            "redeliveries_total",
            "Entries that came again, not acknowledged before.",
            *("group", "type"),
        )
        self.retried = self._counter(
            "retries_total",
            "Tries within one delivery after the first: two met, or somebody asked was away.",
            *("group", "type"),
        )
        self.dead_letters = self._counter(
            "dead_letters_total", "Entries that were given up, and why.", *("group", "reason")
        )

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"slotstream_{name}", says, labels, registry=self.registry)

    def _histogram(self, name: str, says: str, *labels: str) -> Histogram:
        return Histogram(
            f"slotstream_{name}", says, labels, buckets=SECONDS, registry=self.registry
        )

    def of_publisher(self, name: str) -> Callable[[str], None]:
        """What counts the entries of one publisher by what became of each."""
        self.ingress.labels(name, "forwarded")
        return lambda outcome: self.ingress.labels(name, outcome).inc()

    def foresee(self, group: str, types: Collection[str]) -> None:
        """A group's series are there before anything comes again or is given up: of a series that
        begins with its first one, no rate says that there was one."""
        self.dead_letters.labels(group, "too_many_deliveries")
        for kind in types:
            self.redelivered.labels(group, kind)
            self.retried.labels(group, kind)

    def of_context(
        self, context: str, types: Collection[str], hear: Hear | None = None
    ) -> "MessageMetrics":
        """What is counted of a context's messages; `hear` is told of every event that they had."""
        return MessageMetrics(self, context, frozenset(types), hear)

    def of_consumer(self, consumer: str, types: Collection[str] = ()) -> "EventMetrics":
        """What is counted of one consumer's events; of all types where none are named."""
        return EventMetrics(self, consumer, types)


class MessageMetrics:
    """Commands and queries of one context."""

    def __init__(
        self, process: ProcessMetrics, context: str, types: frozenset[str], hear: Hear | None
    ) -> None:
        self._process = process
        self._context = context
        self._types = types
        self._hear = hear
        process.foresee(context, types)
        for kind in types:
            for outcome in ("failed", "hung"):
                process.messages.labels(context, kind, outcome)

    def delivered(self, entry: Entry) -> None:
        if entry.deliveries > 1:
            self._process.redelivered.labels(self._context, self._known(_type_of(entry))).inc()

    def retried(self, kind: str) -> None:
        """It is tried once more, in the same delivery."""
        self._process.retried.labels(self._context, self._known(kind)).inc()

    def ended(self, kind: str, outcome: str) -> None:
        """One delivery came to this end."""
        self._process.messages.labels(self._context, self._known(kind), outcome).inc()

    def answered(self, kind: str, said: Reply) -> None:
        """It was done, or refused with a code."""
        if said.problem is None:
            self.ended(kind, "done")
            return
        self.refused(kind, str(said.problem.get("code", "")))

    def refused(self, kind: str, code: str) -> None:
        self.ended(kind, "refused")
        shown = code if code in CODES else OTHER
        self._process.refused.labels(self._context, self._known(kind), shown).inc()

    def carried(self, kind: str, carried: Carried) -> None:
        """A command was carried out, or had been before."""
        if self._hear is not None:
            for event in carried.happened:
                self._hear(event)
        if carried.said is not None:
            self.answered(kind, carried.said)
        elif carried.reply is None:
            self.ended(kind, "waiting")
        else:
            self.ended(kind, "expired" if carried.expired else "replayed")

    def given_up(self, kind: str, reason: str) -> None:
        """It went to the dead letters."""
        self.ended(kind, "dead")
        self._process.dead_letters.labels(self._context, reason).inc()

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """The time that the block takes is a handler's."""
        began = perf_counter()
        try:
            yield
        finally:
            seconds = self._process.message_seconds.labels(self._context, self._known(kind))
            seconds.observe(perf_counter() - began)

    def _known(self, kind: str) -> str:
        return kind if kind in self._types else OTHER


class EventMetrics:
    """Events of one consumer, of whichever stream."""

    def __init__(self, process: ProcessMetrics, consumer: str, types: Collection[str] = ()) -> None:
        self._process = process
        self._consumer = consumer
        # Of one that listens to all there are as many as there are events.
        self._types = frozenset(types or EVENTS)
        self._seconds = process.event_seconds.labels(consumer)
        process.foresee(consumer, self._types)
        for kind in self._types:
            for outcome in ("done", "failed", "dead"):
                process.events.labels(consumer, kind, outcome)

    def delivered(self, entry: Entry) -> None:
        if entry.deliveries > 1:
            self._process.redelivered.labels(self._consumer, self._known(_type_of(entry))).inc()

    def retried(self, kind: str) -> None:
        """It is tried once more, in the same delivery."""
        self._process.retried.labels(self._consumer, self._known(kind)).inc()

    def ended(self, kind: str, outcome: str) -> None:
        """One delivery was `done`, `unread` (of a type that nobody listens for) or `failed`."""
        self._process.events.labels(self._consumer, self._known(kind), outcome).inc()

    def given_up(self, entry: Entry, reason: str) -> None:
        """It went to the dead letters."""
        self.ended(_type_of(entry), "dead")
        self._process.dead_letters.labels(self._consumer, reason).inc()

    @contextmanager
    def timed(self) -> Iterator[None]:
        """The time that the block takes is the consumer's."""
        with self._seconds.time():
            yield

    def _known(self, kind: str) -> str:
        return kind if kind in self._types else OTHER


def _type_of(entry: Entry) -> str:
    """What an entry says that it is, whether or not it is a message."""
    return entry.fields.get(b"type", b"").decode("ascii", "replace")
