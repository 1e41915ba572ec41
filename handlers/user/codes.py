"""One-time codes: what goes out by mail and comes back once.

A code is base64url(tenant | secret), 16 and 32 bytes: its row can be looked for under row-level
security before anybody is known.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from domain.user import mailing
from storage.delivery.transaction import Writing
from storage.user.codes import Purpose, mailed_since

SECRET_BYTES = 32
_LENGTH = 16 + SECRET_BYTES


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as its holder has it."""

    tenant_id: UUID
    secret: bytes

    @classmethod
    def new(cls, tenant_id: UUID) -> "OneTimeCode":
        return cls(tenant_id, secrets.token_bytes(SECRET_BYTES))

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(self._raw).decode("ascii")

    @property
    def hash(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256(self._raw).digest()

    @property
    def _raw(self) -> bytes:
        return self.tenant_id.bytes + self.secret


def parse_code(text: str) -> OneTimeCode | None:
    """The code, or None for what cannot be one."""
    try:
        raw = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return OneTimeCode(UUID(bytes=raw[:16]), raw[16:]) if len(raw) == _LENGTH else None


async def is_mailed_enough(work: Writing, email_key: str, *purposes: Purpose) -> bool:
    """Whether this address has no room for another mail of these kinds; until the commit nobody
    else decides that."""
    sent = await mailed_since(work, email_key, work.now - mailing.HOUR, *purposes)
    return mailing.is_mailed_enough(sent, work.now)
