"""By what name an attempt to deliver is counted."""

import pytest
from prometheus_client import CollectorRegistry

from handlers.subscribers.webhooks.counting import AttemptCounts
from handlers.subscribers.webhooks.schedule import Answer


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (301, "refused"),
        (410, "refused"),
        (500, "failed"),
        (None, "unreachable"),
    ],
)
def test_each_answer_has_one_name(status: int | None, outcome: str) -> None:
    """A redirect is no delivery; no answer at all is told from a bad one."""
    registry = CollectorRegistry()
    counts = AttemptCounts(registry)
    counts.count(Answer(status, None if status else "connect", "", None, 1))
    found = registry.get_sample_value("slotstream_webhook_attempts_total", {"outcome": outcome})
    assert found == 1
