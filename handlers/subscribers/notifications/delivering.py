"""The ways by which a mail leaves, and the closed set of what becomes of one."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol


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
