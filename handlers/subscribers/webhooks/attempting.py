"""An attempt as a span of the trace that its event came of, be it days later.

Where it was sent is not said: what a URL holds is the tenant's, and travels sealed.
"""

from contracts.wire.tracing import next_traceparent
from handlers.subscribers.webhooks.recording import Parcel
from handlers.subscribers.webhooks.schedule import Answer
from journal.bearings import Bearings
from journal.spans import Span, is_recorded
from journal.work import Work
from storage.subscriber.webhook_claims import Claim


class Attempt(Work):
    """The work of sending a parcel once."""

    __slots__ = ()

    def __init__(self, claim: Claim, parcel: Parcel) -> None:
        span = _span(claim, parcel) if is_recorded(parcel.traceparent) else None
        own = parcel.traceparent if span is None else span.traceparent
        super().__init__(Bearings(own, tenant_id=claim.tenant_id), span)

    def ended(self, answer: Answer) -> None:
        """What became of it is known."""
        self.bearings.error = answer.error or ("" if answer.is_success else str(answer.status))
        if self.span is not None and answer.status is not None:
            self.span.attributes["http.response.status_code"] = answer.status


def _span(claim: Claim, parcel: Parcel) -> Span:
    told: dict[str, str | int] = {
        "http.request.method": "POST",
        "slotstream.tenant_id": str(claim.tenant_id),
        "slotstream.webhook_id": str(claim.webhook_id),
        "slotstream.delivery_id": str(claim.delivery_id),
    }
    own = next_traceparent(parcel.traceparent)
    return Span("POST webhook", "client", own, parcel.traceparent, told)
