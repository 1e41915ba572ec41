"""Signatures as Standard Webhooks 1.0 has them: `v1,` and base64 of the HMAC-SHA256 of
`id.timestamp.body`, one for each valid secret, separated by spaces."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret of 256 bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def signed_headers(
    message_id: UUID, at: datetime, body: bytes, valid: Sequence[str]
) -> dict[str, str]:
    """The three headers by which a receiver knows whose the message is, and that it is new."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((str(message_id).encode(), timestamp.encode(), body))
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in valid),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
