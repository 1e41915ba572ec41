"""The secrets of an installation: read where they were given, made and kept where they were not."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.errors import Damaged, StartupError

GENERATED_BYTES = 32
# A gateway looks at the published keys once a second.
PUBLISHED_SECONDS = 3.0
# Longer than an access token lives.
RETIRED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The files that tokens are signed by and verified with.

    Absolute, and as they were given: in a volume of Kubernetes they are links, which lead elsewhere
    once the secret has changed.
    """

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

    The set of public keys is derived from the private one, and from those that it replaced a short
    while ago, unless it was given too.
    """
    private_file = given_private or folder / "jwt_private_key.pem"
    if given_private is None and not private_file.exists():
        write_privately(private_file, _new_private_key())
    jwks_file = given_jwks or folder / "jwks.json"
    if given_jwks is None:
        _publish(jwks_file, [_public_jwk(private_file), *_retired(folder, time.time())])
    elif not given_jwks.is_file():
        raise StartupError(f"JWT_JWKS_FILE names {given_jwks}, which is not a file.")
    return SigningKeys(private_file.absolute(), jwks_file.absolute())


def is_published(keys: SigningKeys) -> bool:
    """Whether what the private key signs can be verified with the set."""
    try:
        found = json.loads(keys.jwks_file.read_text(encoding="utf-8"))
        ids = {key["kid"] for key in found["keys"]}
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise StartupError(f"{keys.jwks_file} does not hold a set of public keys.") from wrong
    return _public_jwk(keys.private_key_file)["kid"] in ids


def rotate(
    folder: Path, *, revoke: bool, sleep: Callable[[float], None] = time.sleep
) -> tuple[str, str]:
    """Puts a new key in the place of the one kept in the folder; the `kid` of both.

    The new one is published first, and signs once every gateway has met it. The old one stays
    published while tokens that it signed are good; with `revoke` it goes at once, and with it every
    token that it signed.
    """
    private_file, jwks_file = folder / "jwt_private_key.pem", folder / "jwks.json"
    if not private_file.exists():
        raise StartupError(f"There is no key in {folder}: run the installation first.")
    old = _public_jwk(private_file)
    draft = folder / "jwt_next_key.pem"
    write_privately(draft, _new_private_key())
    new = _public_jwk(draft)
    now = time.time()
    retired = _retired(folder, now)
    _publish(jwks_file, [new, old, *retired])
    sleep(PUBLISHED_SECONDS)
    kept = [] if revoke else [{**old, "retired_at": now}, *retired]
    write_privately(folder / "retired_keys.json", json.dumps(kept).encode())
    draft.rename(private_file)
    _publish(jwks_file, [new, *kept])
    return old["kid"], new["kid"]


def _publish(jwks_file: Path, keys: Sequence[Mapping[str, Any]]) -> None:
    """One that was replaced says until when it is good (`exp`), so that gateways let it go by
    themselves: nobody may come by when the time is over."""
    shown = [
        {name: key[name] for name in key if name != "retired_at"}
        | ({"exp": int(key["retired_at"] + RETIRED_SECONDS)} if "retired_at" in key else {})
        for key in keys
    ]
    content = json.dumps({"keys": shown}, indent=2).encode()
    write_privately(jwks_file, content, mode=0o644)


def _retired(folder: Path, now: float) -> list[dict[str, Any]]:
    """The keys that were replaced so short a while ago that their tokens may still be good."""
    file = folder / "retired_keys.json"
    if not file.exists():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return [key for key in found if now - key["retired_at"] < RETIRED_SECONDS]


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
