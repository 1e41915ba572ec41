"""Cursors of lists: where a page ended, bound to its tenant and its list."""

import base64
import hmac
from uuid import UUID

import orjson

_TAG = 16


class InvalidCursor(ValueError):
    """This cursor was not made here, or for another tenant or list."""


def make_cursor(key: bytes, tenant_id: UUID, listing: str, last: list[str]) -> str:
    """An opaque cursor after the row whose sort key is `last`."""
    body = orjson.dumps(last)
    tag = _tag(key, tenant_id, listing, body)
    return base64.urlsafe_b64encode(tag + body).decode().rstrip("=")


def read_cursor(key: bytes, tenant_id: UUID, listing: str, cursor: str) -> list[str]:
    """The sort key that `cursor` stands for."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor(cursor) from None
    tag, body = raw[:_TAG], raw[_TAG:]
    if not hmac.compare_digest(tag, _tag(key, tenant_id, listing, body)):
        raise InvalidCursor(cursor)
    last: list[str] = orjson.loads(body)
    return last


def _tag(key: bytes, tenant_id: UUID, listing: str, body: bytes) -> bytes:
    message = b"\n".join((tenant_id.bytes, listing.encode(), body))
    return hmac.digest(key, message, "sha256")[:_TAG]
