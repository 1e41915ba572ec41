"""What leaves, the ways by which it does, and the closed set of what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, and the address that it goes to."""

    message: EmailMessage
    recipient: str


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """An SMS to a number of E.164; the id is the same each time it is tried."""

    recipient: str
    text: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Sent:
    """Whoever is next on the way has taken it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not be taken, however often it is tried."""

    reason: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """It was not taken this time."""

    reason: str


Delivery = Sent | Refused | Postponed


class Transport(Protocol):
    """A way by which mails leave."""

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        """What became of it; the same message again is recognised by its Message-ID."""
        ...


class ShortTransport(Protocol):
    """A way by which SMS leave."""

    async def send_short(self, message: ShortMessage) -> Delivery:
        """What became of it; the same message again is recognised by its id."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """By which messages leave here; without `sms` there are none. `count` is told the channel of
    each and what became of it."""

    mail: Transport
    sms: ShortTransport | None = None
    count: Callable[[str, Delivery], None] = lambda _channel, _delivery: None

    @property
    def channels(self) -> tuple[str, ...]:
        """What is said by each of these is queued."""
        return ("email",) if self.sms is None else ("email", "sms")

    async def send(self, message: Mail | ShortMessage) -> Delivery:
        """What became of it."""
        if isinstance(message, Mail):
            delivery = await self.mail.send(message.message, message.recipient)
            self.count("email", delivery)
            return delivery
        if self.sms is None:
            return Refused("no_sms_provider")
        delivery = await self.sms.send_short(message)
        self.count("sms", delivery)
        return delivery
