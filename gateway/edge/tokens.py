"""Access tokens: who is speaking, by an Ed25519 signature and without a round trip.

Read here, and not by a JWT library, because there is one algorithm and one shape of header: what
cannot be chosen cannot be confused (RFC 8725 §3.1).
"""

import base64
import binascii
import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.wire.access import ACCESS_TOKEN_SECONDS, CLOCK_SKEW_SECONDS
from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from journal.notes import note

_HEADER_FIELDS = {"alg", "typ", "kid"}
_PUBLIC_FIELDS = ("kty", "crv", "x", "kid", "alg", "use")
_LONGEST = 8_192
_KEPT = 10_000


class InvalidToken(ValueError):
    """This token says nothing that can be believed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token names. A platform administrator has no tenant of their own."""

    actor: Actor
    tenant_id: UUID | None
    expires_at: int

    @property
    def is_platform(self) -> bool:
        return self.actor.kind == "platform"


@dataclass(frozen=True, slots=True)
class _Key:
    """A public key, as it is published, and until when it is good (Unix time)."""

    kid: str
    key: Ed25519PublicKey
    shown: dict[str, Any]
    until: float | None


class KeyFile:
    """The JWKS file; a changed file is met within a second, a damaged one changes nothing. A key
    that says until when it is good (`exp`) goes then, whether the file is changed or not."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._clock = clock
        self._wall_clock = wall_clock
        self._looked_at = clock()
        self._stamp = self._stamp_now()
        self._found = _read_keys(path)
        self._take()

    def _take(self) -> None:
        """What is good now is in force."""
        now = self._wall_clock()
        good = [key for key in self._found if key.until is None or key.until > now]
        self.keys = {key.kid: key.key for key in good}
        self.document = orjson.dumps({"keys": [key.shown for key in good]})
        ends = [key.until for key in good if key.until is not None]
        self._good_until = min(ends, default=math.inf)

    def changed(self) -> bool:
        """Whether other keys are in force than at the last call; looks once a second at most."""
        now = self._clock()
        if now - self._looked_at < 1:
            return False
        self._looked_at = now
        try:
            stamp = self._stamp_now()
            if stamp == self._stamp and self._wall_clock() < self._good_until:
                return False
            self._found = _read_keys(self._path)
        except (OSError, ValueError, KeyError, TypeError) as failure:
            note(logging.WARNING, "the JWKS file cannot be read", error=type(failure).__name__)
            return False
        self._stamp = stamp
        self._take()
        return True

    def _stamp_now(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def _read_keys(path: Path) -> list[_Key]:
    return [
        _Key(
            kid=str(key["kid"]),
            key=Ed25519PublicKey.from_public_bytes(_decoded(key["x"])),
            shown={name: key[name] for name in _PUBLIC_FIELDS if name in key},
            until=None if key.get("exp") is None else float(key["exp"]),
        )
        for key in orjson.loads(path.read_bytes())["keys"]
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519"
    ]


class Verifier:
    """Verifies tokens, and remembers those that it verified until they expire."""

    def __init__(
        self,
        keys: KeyFile,
        issuer: str,
        audience: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._verified: dict[str, Identity] = {}
        self.hits = self.misses = 0

    def public_keys(self) -> bytes:
        """The JWKS document of the keys in force, without anything private in it."""
        self._follow_keys()
        return self._keys.document

    def _follow_keys(self) -> None:
        if self._keys.changed():
            self._verified.clear()

    def identity(self, token: str) -> Identity:
        """Whom the token names; raises InvalidToken and nothing else."""
        self._follow_keys()
        now = self._clock()
        known = self._verified.get(token)
        if known is not None:
            self.hits += 1
        else:
            self.misses += 1
            known = self._verify(token, now)
            self._remember(token, known, now)
        if known.expires_at <= now:
            self._verified.pop(token, None)
            raise InvalidToken("expired")
        return known

    def _remember(self, token: str, identity: Identity, now: float) -> None:
        if len(self._verified) >= _KEPT:
            kept = {t: i for t, i in self._verified.items() if i.expires_at > now}
            self._verified = dict(list(kept.items())[-_KEPT // 2 :])
        self._verified[token] = identity

    def _verify(self, token: str, now: float) -> Identity:
        if len(token) > _LONGEST or token.count(".") != 2:
            raise InvalidToken("shape")
        signed, _, signature = token.rpartition(".")
        head, _, body = signed.partition(".")
        header = _json_object(head)
        if set(header) != _HEADER_FIELDS:
            raise InvalidToken("header")
        if header["alg"] != "EdDSA" or header["typ"] != "at+jwt":
            raise InvalidToken("header")
        kid = header["kid"]
        key = self._keys.keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise InvalidToken("kid")
        try:
            key.verify(_decoded(signature), signed.encode())
        except InvalidSignature:
            raise InvalidToken("signature") from None
        return self._read_claims(_json_object(body), now)

    def _read_claims(self, claims: dict[str, Any], now: float) -> Identity:
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise InvalidToken("audience")
        issued, begins, ends = (_instant(claims, name) for name in ("iat", "nbf", "exp"))
        if issued > now + CLOCK_SKEW_SECONDS or begins > now + CLOCK_SKEW_SECONDS or ends <= now:
            raise InvalidToken("time")
        # What ends a session is remembered for longer than this; a token may not outlive that.
        if ends - issued > ACCESS_TOKEN_SECONDS:
            raise InvalidToken("lifetime")
        if not (_text(claims, "sid") and _text(claims, "jti")):
            raise InvalidToken("claims")
        roles = claims.get("roles")
        if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise InvalidToken("roles")
        tenant = _uuid(claims, "tid") if claims.get("tid") is not None else None
        if tenant is None and "platform_admin" not in roles:
            raise InvalidToken("tenant")
        actor = Actor(
            kind="platform" if tenant is None else "user",
            id=str(_uuid(claims, "sub")),
            roles=tuple(roles),
            permissions=frozenset(_text(claims, "scope").split()) - {"*"},
            session=_text(claims, "sid"),
        )
        return Identity(actor, tenant, ends)


def _decoded(text: str) -> bytes:
    """Base64url without padding, in its one canonical spelling (RFC 7515 §2)."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise InvalidToken("base64") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != text.encode():
        raise InvalidToken("base64")
    return raw


def _json_object(text: str) -> dict[str, Any]:
    raw = _decoded(text)
    try:
        document = orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError):
        raise InvalidToken("json") from None
    if not isinstance(document, dict):
        raise InvalidToken("json")
    return document


def _without_repetition(pairs: list[tuple[str, Any]]) -> None:
    """A name that is said twice (RFC 7519 §4): parsers disagree about which one counts."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise InvalidToken("json")


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise InvalidToken(name)
    return value


def _instant(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidToken(name)
    return value


def _uuid(claims: dict[str, Any], name: str) -> UUID:
    """In its one spelling, and never nil: the platform's tokens leave the tenant out."""
    text = _text(claims, name)
    try:
        found = UUID(text)
    except ValueError:
        raise InvalidToken(name) from None
    if str(found) != text or found == NIL:
        raise InvalidToken(name)
    return found
