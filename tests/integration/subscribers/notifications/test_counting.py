"""By what names an attempt to tell somebody is counted."""

from email.message import EmailMessage
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from handlers.subscribers.notifications.counting import SendingCounts
from handlers.subscribers.notifications.delivering import (
    Delivery,
    Mail,
    Postponed,
    Refused,
    Sent,
    ShortMessage,
    Ways,
)

MAIL = Mail(EmailMessage(), "ana@people.example")
SMS = ShortMessage("+41440000000", "at nine", UUID(int=1))


class Told:
    """A server of either way that says what it is told to."""

    def __init__(self, says: Delivery) -> None:
        self._says = says

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        return self._says

    async def send_short(self, message: ShortMessage) -> Delivery:
        return self._says


@pytest.mark.parametrize(
    ("says", "outcome"),
    [(Sent(), "sent"), (Refused("no"), "refused"), (Postponed("later"), "postponed")],
)
@pytest.mark.parametrize(("message", "channel"), [(MAIL, "email"), (SMS, "sms")])
async def test_each_attempt_is_counted_by_its_way(
    message: Mail | ShortMessage, channel: str, says: Delivery, outcome: str
) -> None:
    """Once, under what the server said; to whom it went is nowhere."""
    registry = CollectorRegistry()
    counts = SendingCounts(registry, ("email", "sms"))
    server = Told(says)
    assert await Ways(server, server, counts.count).send(message) == says
    samples = [sample for family in registry.collect() for sample in family.samples]
    counted = [one for one in samples if one.name.endswith("_total") and one.value]
    assert [(one.labels, one.value) for one in counted] == [
        ({"channel": channel, "outcome": outcome}, 1)
    ]
