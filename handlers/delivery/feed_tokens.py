"""What a feed's token looks like: `cal_` and base64url(tenant | secret), 16 and 32 bytes.

The object is named by the feed's path; with the tenant in the token its row can be looked for under
row-level security before anybody is known.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

_SECRET_BYTES = 32
_MARK = "cal_"
_LENGTH = 16 + _SECRET_BYTES


@dataclass(frozen=True, slots=True)
class FeedTokenText:
    """A token as its holder has it."""

    tenant_id: UUID
    secret: bytes

    @classmethod
    def new(cls, tenant_id: UUID) -> "FeedTokenText":
        return cls(tenant_id, secrets.token_bytes(_SECRET_BYTES))

    @property
    def text(self) -> str:
        return _MARK + base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode("ascii")

    def hash(self, object_id: UUID) -> bytes:
        """What is stored of it: bound to the object that it was made for."""
        return hashlib.sha256(self._raw + object_id.bytes).digest()

    def opens(self, stored: bytes | None, object_id: UUID) -> bool:
        """Whether this is the token that is stored, in a time that tells nothing."""
        return stored is not None and hmac.compare_digest(stored, self.hash(object_id))

    @property
    def _raw(self) -> bytes:
        return self.tenant_id.bytes + self.secret


def parse(text: str) -> FeedTokenText | None:
    """The token in its one canonical spelling; None for anything else."""
    if not text.startswith(_MARK):
        return None
    body = text[len(_MARK) :]
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH:
        return None
    found = FeedTokenText(UUID(bytes=raw[:16]), raw[16:])
    return found if found.text == text else None
