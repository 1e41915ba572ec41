"""Spans to an OpenTelemetry collector, by OTLP over HTTP.

Imported where a collector is named, and nowhere else: OpenTelemetry is large. Its SDK builds spans
of what was measured, under ids that are on the wire already; they leave in batches, from a thread
of its own. What a collector that is away does not take is lost, and holds up nobody.
"""

import logging
import threading
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from contracts.wire.tracing import span_id_of, trace_id_of
from journal.collector import VOICES
from journal.spans import Span

TRACES_PATH = "/v1/traces"
# One export, with its repetitions; a collector that needs longer gets the next ones.
EXPORT_SECONDS = 5.0
# A gateway has stopped after 3.5 s and is killed after 4 (gateway.__main__).
CLOSE_SECONDS = 0.4
# Of what goes wrong with that, each of the SDK's voices says so much: one line in so many seconds.
ONE_LINE_IN = 60.0
_KINDS = {kind.name.lower(): kind for kind in SpanKind}


class _Ids(IdGenerator):
    """The ids of the span that is being built."""

    def __init__(self) -> None:
        self.traceparent = ""

    def generate_span_id(self) -> int:
        return int(span_id_of(self.traceparent), 16)

    def generate_trace_id(self) -> int:
        return int(trace_id_of(self.traceparent), 16)


class Seldom(logging.Filter):
    """A collector that is away is told of, and not with every batch."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.created < self._next:
            return False
        self._next = record.created + ONE_LINE_IN
        return True


class Exporter:
    """A journal.spans.Recorder. Spans are recorded by one thread, that of the event loop."""

    def __init__(
        self, endpoint: str, headers: Mapping[str, str], service: str, instance: str
    ) -> None:
        for voice in VOICES:
            logging.getLogger(voice).addFilter(Seldom())
        self._ids = _Ids()
        exporter = OTLPSpanExporter(
            endpoint=endpoint.rstrip("/") + TRACES_PATH,
            headers=dict(headers),
            timeout=EXPORT_SECONDS,
        )
        self._leaving = BatchSpanProcessor(exporter)
        provider = TracerProvider(
            # What is not sampled is not even built.
            sampler=ALWAYS_ON,
            resource=Resource.create({"service.name": service, "service.instance.id": instance}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        provider.add_span_processor(self._leaving)
        self._tracer = provider.get_tracer("slotstream")

    def record(self, span: Span, ended: int) -> None:
        self._ids.traceparent = span.traceparent
        built = self._tracer.start_span(
            span.name,
            context=set_span_in_context(NonRecordingSpan(_context(span.parent))),
            kind=_KINDS[span.kind],
            attributes=span.attributes,
            start_time=span.started,
        )
        if span.error:
            built.set_attribute("error.type", span.error)
            built.set_status(StatusCode.ERROR)
        built.end(ended)

    def close(self) -> None:
        """The SDK itself would wait for half a minute."""
        closing = threading.Thread(target=self._leaving.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


def _context(traceparent: str) -> SpanContext:
    """Of a span of which the traceparent is all that is known; of none, an invalid one."""
    trace, span = trace_id_of(traceparent) or "0", span_id_of(traceparent) or "0"
    return SpanContext(int(trace, 16), int(span, 16), True, TraceFlags(TraceFlags.SAMPLED))
