"""Where ids come from, and which id a repetition must have again."""

import hashlib
import hmac
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

NIL = UUID(int=0)
_COMMANDS = UUID("5b0f6c2e-54a5-5f0e-9c43-0f2b6f3f7d10")


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): time-ordered, so that indexes grow at their right edge."""
    return uuid7()


def command_id_for_key(tenant_id: UUID, principal: str, method: str, route: str, key: str) -> UUID:
    """The id of a command that carries an Idempotency-Key: equal requests, equal ids."""
    return uuid5(_COMMANDS, "\n".join(("key", str(tenant_id), principal, method, route, key)))


def command_id_for_object(
    tenant_id: UUID, principal: str, method: str, route: str, object_id: UUID
) -> UUID:
    """The id of a creation whose caller named the object's own id and gave no key. It is the
    caller's own: nobody reads another's outcome by naming an id that they have used."""
    parts = ("object", str(tenant_id), principal, method, route, str(object_id))
    return uuid5(_COMMANDS, "\n".join(parts))


def object_id_for_command(command_id: UUID, part: str = "") -> UUID:
    """The id of an object that a command creates, so that a second delivery creates the same."""
    return uuid5(command_id, "object" + part)


def derived_key(secret: str, label: str) -> bytes:
    """A 32-byte key for one purpose; no two labels share a key (HMAC-SHA256 of the label)."""
    return hmac.new(secret.encode(), label.encode(), hashlib.sha256).digest()


def fingerprint(key: bytes, *parts: bytes) -> str:
    """HMAC-SHA256 over the request as received; the parts are length-prefixed, so unambiguous."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
