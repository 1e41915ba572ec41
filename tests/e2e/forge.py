"""A forger's workshop: what a signature covers, and who made it, are said apart.

The installation's own key is here, too: what it signed and no user context would have signed has to
be refused like all else.
"""

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from tests.e2e.house import Person

# The order of the base point (RFC 8032 §5.1).
ORDER = 2**252 + 27742317777372353535851937790883648493


def encoded(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Forge:
    """`victim` is who is to be impersonated; `colleague` is of the same tenant, `stranger` of
    another; `code` is a one-time code that was mailed to the victim, `api_key` one of theirs."""

    key: Ed25519PrivateKey
    own: Ed25519PrivateKey
    kid: str
    victim: Person
    colleague: Person
    stranger: Person
    code: str
    api_key: str

    @classmethod
    def at(
        cls, keys: Path, people: tuple[Person, Person, Person], code: str, api_key: str
    ) -> "Forge":
        """With the key that an installation signs with, and one that is the forger's own."""
        key = load_pem_private_key((keys / "jwt_private_key.pem").read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        kid = thumbprint(key)
        assert kid in {jwk["kid"] for jwk in json.loads((keys / "jwks.json").read_bytes())["keys"]}
        own = Ed25519PrivateKey.generate()
        return cls(key, own, kid, *people, code=code, api_key=api_key)

    @property
    def genuine(self) -> str:
        self.victim.stay_signed_in()
        return self.victim.token

    @property
    def header(self) -> dict[str, Any]:
        return {"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid}

    @property
    def claims(self) -> dict[str, Any]:
        """The victim's own, as if they had signed in just now."""
        now = int(time.time())
        found: dict[str, Any] = json.loads(decoded(self.genuine.split(".")[1]))
        return {**found, "iat": now, "nbf": now, "exp": now + 600}

    def jwk(self, key: Ed25519PrivateKey) -> dict[str, str]:
        public = encoded(key.public_key().public_bytes_raw())
        return {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": self.kid, "alg": "EdDSA"}

    def secrets(self) -> dict[str, bytes]:
        """The published key in each form that a careless verifier would take for an HMAC secret."""
        public = self.key.public_key()
        jwk = {**self.jwk(self.key), "use": "sig"}
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {
            "PEM": pem,
            "PEM without its last line end": pem.rstrip(),
            "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            "OpenSSH": public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
            "raw bytes": public.public_bytes_raw(),
            "base64url": jwk["x"].encode(),
            "JWK": json.dumps(jwk, separators=(",", ":")).encode(),
            "JWKS": json.dumps({"keys": [jwk]}, indent=2).encode(),
            "kid": self.kid.encode(),
            "nothing": b"",
        }

    def signed(self, header: Any, claims: Any) -> str:
        """Signed with the installation's own key."""
        covered = covering(header, claims)
        return f"{covered}.{encoded(self.key.sign(covered.encode()))}"

    def signed_by_own(self, header: Any, claims: Any) -> str:
        covered = covering(header, claims)
        return f"{covered}.{encoded(self.own.sign(covered.encode()))}"


def covering(header: Any, claims: Any) -> str:
    """What a signature covers; bytes stand as they are, all else as JSON."""
    return f"{encoded(_json(header))}.{encoded(_json(claims))}"


def _json(document: Any) -> bytes:
    if isinstance(document, bytes):
        return document
    return json.dumps(document, separators=(",", ":")).encode()


def thumbprint(key: Ed25519PrivateKey) -> str:
    """RFC 7638, of the public key."""
    public = {"crv": "Ed25519", "kty": "OKP", "x": encoded(key.public_key().public_bytes_raw())}
    return encoded(hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest())


def respelled(token: str) -> str:
    """The last character of 64 bytes carries two spare bits: another spelling of the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def malleable(token: str) -> str:
    """The same signature with S + L in place of S: no verifier may take it (RFC 8032 §5.1.7)."""
    covered, _, signature = token.rpartition(".")
    raw = decoded(signature)
    larger = int.from_bytes(raw[32:], "little") + ORDER
    return f"{covered}.{encoded(raw[:32] + larger.to_bytes(32, 'little'))}"


def flipped(token: str, place: int) -> str:
    """One bit of the signature is another."""
    covered, _, signature = token.rpartition(".")
    raw = bytearray(decoded(signature))
    raw[place] ^= 1
    return f"{covered}.{encoded(bytes(raw))}"
