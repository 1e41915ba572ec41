"""Attempts to deliver to webhooks, counted by what became of them."""

from prometheus_client import CollectorRegistry, Counter

from handlers.subscribers.webhooks.schedule import Answer

OUTCOMES = ("delivered", "refused", "failed", "unreachable")


class AttemptCounts:
    """One family, whose series are there from the beginning; it never says whose they were."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Counter(
            "slotstream_webhook_attempts_total",
            "Attempts to deliver to a webhook, by what came back.",
            ("outcome",),
            registry=registry,
        )
        self._counts = {outcome: family.labels(outcome) for outcome in OUTCOMES}

    def count(self, answer: Answer) -> None:
        self._counts[outcome_of(answer)].inc()


def outcome_of(answer: Answer) -> str:
    """`delivered` is 2xx, `failed` 5xx, `refused` another status; `unreachable` is none."""
    if answer.status is None:
        return "unreachable"
    if answer.is_success:
        return "delivered"
    return "failed" if answer.status >= 500 else "refused"
