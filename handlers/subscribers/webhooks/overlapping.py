"""Secrets that sign along after they were replaced, each for a day of its own.

Which of them a receiver has nobody here knows: whoever rotates twice in a day may have installed
the first, the second or neither. Their row has room for one sealed text: one secret stands there as
it is, several as JSON, each with its end.
"""

from datetime import datetime, timedelta

import orjson

from contracts.wire.sealing import Keyring, Unopenable
from handlers.subscribers.webhooks.signing import PREFIX
from storage.subscriber.webhooks import WebhookRow

# So long whoever verifies has for putting the new secret in the old one's place.
OVERLAP = timedelta(hours=24)
# A header has room for so many signatures beside the new one's.
MOST = 4


def signing_along(keyring: Keyring, row: WebhookRow, now: datetime) -> list[tuple[str, datetime]]:
    """The replaced secrets that are valid still, opened, oldest first, each with its end. Raises
    Unopenable."""
    until = row.old_secret_until
    if row.old_secret is None or until is None or until <= now:
        return []
    text = keyring.open(row.old_secret).decode()
    if text.startswith(PREFIX):
        return [(text, until)]
    found = [(secret, datetime.fromisoformat(end)) for secret, end in orjson.loads(text)]
    return [(secret, end) for secret, end in found if end > now]


def replaced(keyring: Keyring, row: WebhookRow, now: datetime) -> tuple[str, datetime]:
    """What is kept when the row's secret is replaced now, sealed, and until when it is of use. Of
    too many the oldest, which a receiver is likeliest to have, and the newest stay."""
    until = now + OVERLAP
    try:
        old = signing_along(keyring, row, now)
        if not old:
            return row.secret, until
        secrets = [*old, (keyring.open(row.secret).decode(), until)]
    except Unopenable:
        # Nothing is signed by what nobody can open: its end is what the rotation is for.
        return row.secret, until
    kept = [*secrets[:1], *secrets[1:][-(MOST - 1) :]]
    told = [(secret, end.isoformat()) for secret, end in kept]
    return keyring.seal(orjson.dumps(told)), until
