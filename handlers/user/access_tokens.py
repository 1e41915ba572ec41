"""Access tokens: JWT signed with Ed25519, good for ten minutes (RFC 9068, RFC 8037)."""

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from contracts.wire.access import ACCESS_TOKEN_SECONDS
from contracts.wire.identity import NIL, new_id
from journal.notes import note

ISSUER = AUDIENCE = "slotstream"


class TokenIssuer:
    """Signs with the key that stands in a PEM file; its `kid` is the key's thumbprint (RFC 7638).

    A file that was replaced is met within a second; one that cannot be read changes nothing.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._looked_at = clock()
        self._stamp = _stamp(path)
        self._key, self._headers = _read(path)

    def _follow(self) -> None:
        now = self._clock()
        if now - self._looked_at < 1:
            return
        self._looked_at = now
        try:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._key, self._headers = _read(self._path)
                self._stamp = stamp
        except (OSError, ValueError, TypeError) as failure:
            note(logging.WARNING, "the signing key cannot be read", error=type(failure).__name__)

    def issue(
        self,
        *,
        tenant_id: UUID,
        user_id: UUID,
        session_id: UUID,
        roles: Iterable[str],
        permissions: Iterable[str],
        now: datetime,
    ) -> str:
        """A token that says who this is and what they may; `tid` is left out for the platform."""
        self._follow()
        moment = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": str(session_id),
            "scope": " ".join(sorted(permissions)),
            "roles": list(roles),
            "iat": moment,
            "nbf": moment,
            "exp": moment + ACCESS_TOKEN_SECONDS,
            "jti": str(new_id()),
        }
        if tenant_id != NIL:
            claims["tid"] = str(tenant_id)
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers=self._headers)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _read(path: Path) -> tuple[Ed25519PrivateKey, dict[str, str]]:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("tokens are signed with an Ed25519 key")
    return key, {"typ": "at+jwt", "kid": _thumbprint(key)}


def _thumbprint(key: Ed25519PrivateKey) -> str:
    public = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(key.public_key().public_bytes_raw())}
    return _base64url(hashlib.sha256(orjson.dumps(public)).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
