"""When a delivery is tried again, and when an endpoint is given up."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# How long after the one before each attempt is made (Standard Webhooks 1.0, "Deliverability").
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
SPREAD = 0.2
FAILING_AFTER = timedelta(days=5)
# A receiver may ask for more time, within reason.
LONGEST_WISH = timedelta(hours=24)
GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt: a status, or an error where nothing was answered."""

    status: int | None
    error: str | None
    head: str
    retry_after: str | None
    duration_ms: int

    @property
    def is_success(self) -> bool:
        """2xx alone: whoever redirects has not taken it."""
        return self.status is not None and 200 <= self.status < 300


def next_attempt(tries: int, now: datetime, wish: str | None, dice: float) -> datetime | None:
    """When it is tried again after so many tries, None for never. `dice` is from 0 to 1 and
    spreads the waits by a fifth either way; a receiver's wish is the least that is waited."""
    if tries >= len(WAITS):
        return None
    wait = WAITS[tries] * (1 - SPREAD + 2 * SPREAD * dice)
    return now + max(wait, wished(wish, now))


def wished(retry_after: str | None, now: datetime) -> timedelta:
    """How long a Retry-After (RFC 9110 §10.2.3) asks to wait, a day at most; 0 for nonsense."""
    text = (retry_after or "").strip()
    if not text:
        return timedelta(0)
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WISH)
    try:
        at = parsedate_to_datetime(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return min(max(at - now, timedelta(0)), LONGEST_WISH)
    except (ValueError, OverflowError):
        return timedelta(0)


def reason_to_disable(answer: Answer, failing_since: datetime | None, now: datetime) -> str | None:
    """Why nothing more is to be sent to an endpoint that answered like this; None to go on."""
    if answer.status == GONE:
        return "gone"
    if not answer.is_success and failing_since and now - failing_since >= FAILING_AFTER:
        return "failing"
    return None
