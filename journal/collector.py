"""Where spans go: what the settings say of it, and that it begins."""

from dataclasses import dataclass
from urllib.parse import unquote

from journal.spans import TRACING
from journal.unasked import let_in

# The SDK's loggers that say what goes wrong on the way to it.
VOICES = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk._shared_internal",
)


@dataclass(frozen=True, slots=True)
class Collector:
    """`endpoint` is the base URL of an OpenTelemetry collector, "" where there is none; `headers`
    are sent along, `name=value` separated by commas; `ratio` of the traces are kept."""

    endpoint: str
    headers: str
    service: str
    ratio: float

    def trace(self, role: str, instance: str) -> None:
        """From here on spans are recorded, where there is a collector."""
        if not self.endpoint:
            return
        let_in()
        # Large, and needed by nobody else.
        from journal.exporting import Exporter  # noqa: PLC0415

        told = _pairs(self.headers)
        TRACING.ratio = self.ratio
        TRACING.recorder = Exporter(self.endpoint, told, f"{self.service}-{role}", instance)


def _pairs(text: str) -> dict[str, str]:
    """The headers as OpenTelemetry writes them in one variable (W3C Baggage)."""
    pairs = (part.partition("=") for part in text.split(","))
    return {name.strip().lower(): unquote(value.strip()) for name, sign, value in pairs if sign}
