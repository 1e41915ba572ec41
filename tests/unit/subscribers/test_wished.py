"""How long a receiver of webhooks asks to be left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.subscribers.webhooks.schedule import LONGEST_WISH, wished

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (None, 0),
        ("", 0),
        ("90", 90),
        ("Mon, 30 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 30 Nov 2026 11:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
        ("Mon, 30 Nov 99999 12:00:00 GMT", 0),
        ("Mon, 30 Nov 2026 12:00:00 +9999", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_WISH.total_seconds()),
        ("9" * 400, LONGEST_WISH.total_seconds()),
    ],
)
def test_a_wish_is_read_or_is_none(said: str | None, waits: float) -> None:
    """Seconds or a date, a day at most; whatever else a receiver says is no wish."""
    assert wished(said, NOW) == timedelta(seconds=waits)
