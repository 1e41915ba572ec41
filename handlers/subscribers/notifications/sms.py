"""SMS by a provider's HTTP interface, as `SMS_URL` says.

The request is a POST of JSON, `{"id", "to", "from", "text"}`, with `Authorization: Bearer` and the
id as Idempotency-Key; any 2xx is taken. A provider that wants it otherwise is another class with
the same `send_short`, chosen in set_up.py.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httpcore
import orjson

from handlers.subscribers.notifications.delivering import (
    Delivery,
    Postponed,
    Refused,
    Sent,
    ShortMessage,
)

WITHIN_SECONDS = 20.0
# Among the refusals those that another time may not be: too early, too many, a wrong token (which
# somebody is going to mend), a request that took too long.
_NOT_FOR_GOOD = frozenset({401, 403, 408, 425, 429})


@dataclass(frozen=True, slots=True)
class SmsProvider:
    """Where it is, what it knows us by, and whom messages come from."""

    url: str
    token: str
    sender: str

    @classmethod
    def read(cls, url: str, token: str, sender: str) -> Self:
        """Raises ValueError where the URL is none of HTTP."""
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("SMS_URL begins with https:// or http:// and names a host")
        return cls(url, token, sender)


class HttpSms:
    """Sends each message by a request of its own; redirects are not followed."""

    def __init__(self, provider: SmsProvider, within_seconds: float = WITHIN_SECONDS) -> None:
        self._provider = provider
        self._within = within_seconds

    async def send_short(self, message: ShortMessage) -> Delivery:
        """4xx about this message is final; whatever else went wrong may not last."""
        try:
            async with asyncio.timeout(self._within):
                status = await self._posted(message)
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            TimeoutError,
            ssl.SSLError,
            OSError,
        ):
            return Postponed("sms_unreachable")
        if 200 <= status < 300:
            return Sent()
        reason = f"sms_{status}"
        final = 400 <= status < 500 and status not in _NOT_FOR_GOOD
        return Refused(reason) if final else Postponed(reason)

    async def _posted(self, message: ShortMessage) -> int:
        provider = self._provider
        body = {
            "id": str(message.id),
            "to": message.recipient,
            "from": provider.sender,
            "text": message.text,
        }
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(message.id),
            "User-Agent": "Slotstream-SMS/1.0",
        }
        if provider.token:
            headers["Authorization"] = f"Bearer {provider.token}"
        async with httpcore.AsyncConnectionPool(max_keepalive_connections=0) as pool:
            response = await pool.request(
                "POST", provider.url, headers=list(headers.items()), content=orjson.dumps(body)
            )
            return response.status
