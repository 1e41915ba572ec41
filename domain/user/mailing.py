"""How often somebody is written to who may not have asked for it.

Whoever asks again and again for somebody else neither fills their mailbox nor keeps them for more
than an hour from what they ask for themselves.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

BETWEEN_MAILS = timedelta(minutes=1)
MAILS_PER_HOUR = 3
HOUR = timedelta(hours=1)


def is_mailed_enough(sent: Collection[datetime], now: datetime) -> bool:
    """Whether there is no room for another mail of a kind, where those of the last hour were sent
    at these instants."""
    lately = [at for at in sent if at > now - HOUR]
    return len(lately) >= MAILS_PER_HOUR or any(at > now - BETWEEN_MAILS for at in lately)
