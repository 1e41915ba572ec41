"""The mailbox of a development installation: messages land in Redis, sealed, and last a day."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.wire.mailbox import MAILBOX, MAILBOX_KEPT_MS
from contracts.wire.sealing import Keyring
from handlers.delivery.redis_clock import RedisClock
from handlers.subscribers.notifications.delivering import Delivery, Postponed, Sent, ShortMessage


class Mailbox:
    """Where messages go that nobody can send."""

    def __init__(self, client: Redis, clock: RedisClock, keyring: Keyring) -> None:
        self._client = client
        self._clock = clock
        self._keyring = keyring

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        """It can be looked at under /dev/mailbox for a day."""
        return await self._keep(shown(message, recipient))

    async def send_short(self, message: ShortMessage) -> Delivery:
        """An SMS stands among the mails."""
        return await self._keep(
            {
                "recipient": message.recipient,
                "message_id": str(message.id),
                "from": "SMS",
                "to": message.recipient,
                "subject": "SMS",
                "date": None,
                "language": None,
                "text": message.text,
                "html": None,
                "attachments": [],
            }
        )

    async def _keep(self, mail: dict[str, Any]) -> Delivery:
        try:
            now_ms = await self._clock.now_ms()
            dated = mail["date"] or format_datetime(datetime.fromtimestamp(now_ms / 1000, UTC))
            sealed = self._keyring.seal(orjson.dumps({**mail, "date": dated}))
            oldest = now_ms - MAILBOX_KEPT_MS
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.execute_command("XADD", MAILBOX, "MINID", oldest, "*", "mail", sealed)
                pipe.pexpire(MAILBOX, MAILBOX_KEPT_MS)
                await pipe.execute()
        except RedisError:
            return Postponed("mailbox_unreachable")
        return Sent()


def shown(message: EmailMessage, recipient: str) -> dict[str, Any]:
    """A mail as it is looked at: its headers, its texts, and the attachments that are text."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "recipient": recipient,
        "message_id": str(message["Message-ID"]),
        "from": str(message["From"]),
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "language": str(message["Content-Language"]),
        "text": None if text is None else text.get_content(),
        "html": None if html is None else html.get_content(),
        "attachments": [
            {
                "filename": part.get_filename(),
                "content_type": part.get_content_type(),
                "content": bytes(part.get_payload(decode=True) or b"").decode(),
            }
            for part in message.iter_attachments()
        ],
    }
