"""Signs access tokens as the user context does, and any forgery of one."""

import base64
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAMES = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
ACME = uuid5(NAMES, "acme")
GLOBEX = uuid5(NAMES, "globex")
ALICE = uuid5(NAMES, "alice")
ROOT = uuid5(NAMES, "root")


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Signer:
    """One key pair, and the JWKS file that publishes it."""

    def __init__(self, jwks_file: Path, kid: str = "key-1") -> None:
        self.kid = kid
        self.private = Ed25519PrivateKey.generate()
        self.public_raw = self.private.public_key().public_bytes_raw()
        self.jwks_file = jwks_file
        # Written beside and put in its place: another file, whatever the clock of the disk says.
        beside = jwks_file.with_suffix(".new")
        beside.write_bytes(orjson.dumps({"keys": [self.jwk()]}))
        beside.replace(jwks_file)

    def jwk(self) -> dict[str, str]:
        shown = {"kty": "OKP", "crv": "Ed25519", "x": encoded(self.public_raw), "kid": self.kid}
        return {**shown, "alg": "EdDSA", "use": "sig"}

    def header(self) -> dict[str, Any]:
        return {"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid}

    def claims(self, *permissions: str, tenant: UUID | None = ACME) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": "slotstream",
            "aud": "slotstream",
            "sub": str(ALICE if tenant else ROOT),
            "sid": "session-1",
            "scope": " ".join(permissions),
            "roles": ["owner"] if tenant else ["platform_admin"],
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "jti": "token-1",
        }
        if tenant:
            claims["tid"] = str(tenant)
        return claims

    def sign(self, header: dict[str, Any], claims: Any) -> str:
        signed = f"{encoded(orjson.dumps(header))}.{encoded(orjson.dumps(claims))}"
        return f"{signed}.{encoded(self.private.sign(signed.encode()))}"

    def token(self, *permissions: str, tenant: UUID | None = ACME, **changed: Any) -> str:
        return self.sign(self.header(), {**self.claims(*permissions, tenant=tenant), **changed})

    def bearer(self, *permissions: str, tenant: UUID | None = ACME) -> dict[str, str]:
        """The header of a caller of the tenant, or of a platform administrator."""
        return {"authorization": f"Bearer {self.token(*permissions, tenant=tenant)}"}
