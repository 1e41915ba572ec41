"""Access tokens: JWT signed with Ed25519, good for ten minutes (RFC 9068, RFC 8037)."""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from contracts.wire.identity import NIL, new_id

LIFETIME_SECONDS = 600
ISSUER = AUDIENCE = "slotstream"


class TokenIssuer:
    """Signs with one key; its `kid` is the key's thumbprint (RFC 7638)."""

    def __init__(self, private_key_pem: bytes) -> None:
        key = load_pem_private_key(private_key_pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("tokens are signed with an Ed25519 key")
        self._key = key
        self._headers = {"typ": "at+jwt", "kid": _thumbprint(key)}

    @classmethod
    def of_file(cls, path: Path) -> "TokenIssuer":
        """The issuer whose private key stands in this PEM file."""
        return cls(path.read_bytes())

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
            "exp": moment + LIFETIME_SECONDS,
            "jti": str(new_id()),
        }
        if tenant_id != NIL:
            claims["tid"] = str(tenant_id)
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers=self._headers)


def _thumbprint(key: Ed25519PrivateKey) -> str:
    public = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(key.public_key().public_bytes_raw())}
    return _base64url(hashlib.sha256(orjson.dumps(public)).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
