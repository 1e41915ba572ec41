"""Messages to people, counted by way and by what became of the attempt."""

from prometheus_client import CollectorRegistry, Counter

from handlers.subscribers.notifications.delivering import Delivery, Postponed, Refused

OUTCOMES = ("sent", "refused", "postponed")


class SendingCounts:
    """One family, whose series for `channels` are there from the beginning."""

    def __init__(self, registry: CollectorRegistry, channels: tuple[str, ...]) -> None:
        family = Counter(
            "slotstream_notifications_total",
            "Attempts to send a mail or an SMS, by what the server of that way said.",
            ("channel", "outcome"),
            registry=registry,
        )
        self._counts = {
            (channel, outcome): family.labels(channel, outcome)
            for channel in channels
            for outcome in OUTCOMES
        }

    def count(self, channel: str, delivery: Delivery) -> None:
        self._counts[channel, outcome_of(delivery)].inc()


def outcome_of(delivery: Delivery) -> str:
    """`refused` will not be tried again, `postponed` will."""
    if isinstance(delivery, Refused):
        return "refused"
    return "postponed" if isinstance(delivery, Postponed) else "sent"
