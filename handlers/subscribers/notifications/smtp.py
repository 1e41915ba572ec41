"""SMTP: where the server is, and what its answers mean.

smtps://        TLS from the first byte; port 465
smtp://         STARTTLS; port 587. Demanded where the URL has a password, else used when offered
smtp+plain://   no TLS at all: for a relay on the same machine or a closed network; port 25
"""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from handlers.subscribers.notifications.delivering import Delivery, Postponed, Refused, Sent

WITHIN_SECONDS = 20.0
PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """What SMTP_URL says."""

    host: str
    port: int
    username: str | None
    password: str | None
    use_tls: bool
    start_tls: bool | None

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError where the URL says no server."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError(f"SMTP_URL begins with {'://, '.join(PORTS)}:// and names a host")
        demanded = True if parts.password else None
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            # A password never leaves in the open because somebody on the way hid the offer of TLS.
            start_tls=demanded if parts.scheme == "smtp" else False,
        )


class Smtp:
    """Sends by one server, each mail over a connection of its own."""

    def __init__(self, server: SmtpServer, within_seconds: float = WITHIN_SECONDS) -> None:
        self._server = server
        self._within = within_seconds

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        """5yz about this mail is final (RFC 5321 §4.2.1); whatever else went wrong may not last,
        a wrong password included."""
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                recipients=[recipient],
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.use_tls,
                start_tls=server.start_tls,
                timeout=self._within,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _by_code(max(one.code for one in refused.recipients))
        except aiosmtplib.SMTPDataError as refused:
            return _by_code(refused.code)
        except aiosmtplib.SMTPNotSupported:
            return Refused("not_supported")
        except aiosmtplib.SMTPResponseException as failure:
            return Postponed(f"smtp_{failure.code}")
        except (aiosmtplib.SMTPException, OSError):
            return Postponed("smtp_unreachable")
        return Sent()


def _by_code(code: int) -> Delivery:
    reason = f"smtp_{code}"
    return Refused(reason) if code >= 500 else Postponed(reason)
