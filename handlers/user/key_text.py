"""What a machine's key looks like: `sk_` and base64url(id | tenant | secret), 16, 16 and 32 bytes.

Its row can be looked for under row-level security before anybody is known. The id comes first, so
that keys can be told apart by how they begin, which says nothing of the secret.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from uuid import UUID

SECRET_BYTES = 32
_MARK = "sk_"
_LENGTH = 16 + 16 + SECRET_BYTES
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder has it."""

    key_id: UUID
    tenant_id: UUID
    secret: bytes

    @property
    def text(self) -> str:
        return _MARK + base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode("ascii")

    @property
    def prefix(self) -> str:
        """What is shown of it: the mark and 72 bits of the id."""
        return self.text[: len(_MARK) + _SHOWN]

    @property
    def hash(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256(self._raw).digest()

    @property
    def _raw(self) -> bytes:
        return self.key_id.bytes + self.tenant_id.bytes + self.secret


def parse(text: str) -> KeyText | None:
    """The key in its one spelling, or None for what cannot be one."""
    encoded = text.removeprefix(_MARK)
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH:
        return None
    key = KeyText(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])
    return key if key.text == text else None
