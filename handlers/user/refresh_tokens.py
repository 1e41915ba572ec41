"""Refresh tokens: what they look like, which follows which, and when a use is a theft.

A token is base64url(tenant | family | secret), 16, 16 and 32 bytes: its row can be looked for under
row-level security before anybody is known. It is used once. The successor follows from it under a
key of the server, so that it can be given again without being stored: when the answer was lost, the
immediate predecessor gets it for ten seconds more. Any other second use is a theft.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from storage.user.sessions import SessionRow, TokenRow

SESSION_LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=10)
SECRET_BYTES = 32
_LENGTH = 16 + 16 + SECRET_BYTES


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token as its holder has it."""

    tenant_id: UUID
    family_id: UUID
    secret: bytes

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode("ascii")

    @property
    def hash(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256(self._raw).digest()

    def successor(self, key: bytes) -> "RefreshToken":
        """The token that its use gives out: always the same."""
        secret = hmac.digest(key, self.family_id.bytes + self.secret, "sha256")
        return RefreshToken(self.tenant_id, self.family_id, secret)

    @property
    def _raw(self) -> bytes:
        return self.tenant_id.bytes + self.family_id.bytes + self.secret


def parse(text: str) -> RefreshToken | None:
    """The token, or None for what cannot be one."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH:
        return None
    return RefreshToken(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])


class Use(StrEnum):
    """What it means that a token is presented."""

    FIRST = "first"
    # The answer was lost: the same successor again.
    AGAIN = "again"
    # Used twice: somebody else has it.
    STOLEN = "stolen"
    # Unknown, signed out or run out.
    INVALID = "invalid"


def judge(
    session: SessionRow | None, token: TokenRow | None, successor: TokenRow | None, now: datetime
) -> Use:
    """What this use is, from what is stored of the session, the token and its successor."""
    if session is None or token is None or token.session_id != session.session_id:
        return Use.INVALID
    if session.revoked_at is not None or session.expires_at <= now:
        return Use.INVALID
    if token.used_at is None:
        return Use.FIRST
    if successor is not None and successor.used_at is None and now - token.used_at <= GRACE:
        return Use.AGAIN
    return Use.STOLEN
