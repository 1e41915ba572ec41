"""The secrets of an installation: read where they were given, made and kept where they were not."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.errors import Damaged, StartupError

GENERATED_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The files that tokens are signed by and verified with."""

    private_key_file: Path
    jwks_file: Path


def write_privately(path: Path, content: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """The file holds the content, whole, and was never readable by others meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    draft.rename(path)


def kept_secret(folder: Path, name: str) -> str:
    """The secret of this name, made of 256 random bits when it is asked for the first time."""
    path = folder / name
    if path.exists():
        kept = path.read_text(encoding="ascii").strip()
        if len(kept) < GENERATED_BYTES:
            raise Damaged(f"{path} is empty or cut short: restore it from a backup.")
        return kept
    made = secrets.token_urlsafe(GENERATED_BYTES)
    write_privately(path, made.encode("ascii"))
    return made


def role_password(secret_key: str, role: str) -> str:
    """What a role signs in with: the same on every host that knows the secret key."""
    message = f"postgres:{role}".encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()


def signing_keys(given_private: Path | None, given_jwks: Path | None, folder: Path) -> SigningKeys:
    """The Ed25519 key that was given, else the one kept in the folder, made when there is none.

    The set of public keys is derived from the private one unless it was given too, as it is
    during a rotation, when tokens of two keys are valid.
    """
    private_file = given_private or folder / "jwt_private_key.pem"
    if given_private is None and not private_file.exists():
        write_privately(private_file, _new_private_key())
    jwks_file = given_jwks or folder / "jwks.json"
    if given_jwks is None:
        content = json.dumps({"keys": [_public_jwk(private_file)]}, indent=2).encode()
        write_privately(jwks_file, content, mode=0o644)
    elif not given_jwks.is_file():
        raise StartupError(f"JWT_JWKS_FILE names {given_jwks}, which is not a file.")
    return SigningKeys(private_file.resolve(), jwks_file.resolve())


def _new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_jwk(private_file: Path) -> dict[str, str]:
    """RFC 8037 key, its `kid` the thumbprint of RFC 7638 (members in lexical order, no spaces)."""
    try:
        key = serialization.load_pem_private_key(private_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as wrong:
        raise StartupError(
            f"{private_file} does not hold a readable private key in PEM."
        ) from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise StartupError(f"{private_file} holds a private key that is not Ed25519.")
    raw = key.public_key().public_bytes_raw()
    public = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    thumbprint = hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest()
    return public | {"kid": _base64url(thumbprint), "use": "sig", "alg": "EdDSA"}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
