"""Sealing: secrets and personal data are AES-GCM closed wherever a message is serialised.

A sealed text is `sealed:<key id>:<base64url of nonce and ciphertext>`, and `sealed-json:…` where it
was another JSON value. Keys rotate by putting the new one first: it seals, all of them open.
"""

import base64
import os
from collections.abc import Callable
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.wire.identity import derived_key

PREFIX = "sealed:"
# What was no text before it was sealed.
OF_JSON = "sealed-json:"
_NONCE = 12


class Unopenable(ValueError):
    """This text was sealed by a key that is not here, or was changed."""


class Keyring:
    """The sealing keys of an installation, derived from its secret keys, newest first."""

    def __init__(self, *secrets: str) -> None:
        self._keys = {
            derived_key(secret, "sealing-id").hex()[:8]: AESGCM(derived_key(secret, "sealing"))
            for secret in secrets
        }
        self._newest = next(iter(self._keys))

    @classmethod
    def of(cls, secret: str, previous: str) -> "Keyring":
        """That of an installation whose secret key was changed, if `previous` says anything."""
        return cls(secret, *filter(None, (previous,)))

    def seal(self, plain: bytes) -> str:
        nonce = os.urandom(_NONCE)
        closed = nonce + self._keys[self._newest].encrypt(nonce, plain, None)
        return f"{PREFIX}{self._newest}:{base64.urlsafe_b64encode(closed).decode()}"

    def open(self, text: str) -> bytes:
        try:
            _, key_id, body = text.split(":", 2)
            closed = base64.urlsafe_b64decode(body)
            return self._keys[key_id].decrypt(closed[:_NONCE], closed[_NONCE:], None)
        except (KeyError, ValueError, InvalidTag):
            raise Unopenable("this was sealed by another key") from None


def seal_fields(data: bytes, paths: tuple[str, ...], keyring: Keyring) -> bytes:
    """The JSON body with what stands at the dotted `paths` sealed, if it says anything and is not
    sealed yet. A path leads through lists to the field of each object in them."""

    def close(value: Any) -> Any:
        if not value or _is_sealed(value):
            return value
        if isinstance(value, str):
            return keyring.seal(value.encode())
        return OF_JSON + keyring.seal(orjson.dumps(value)).removeprefix(PREFIX)

    return _mapped(data, paths, close)


def open_fields(data: bytes, paths: tuple[str, ...], keyring: Keyring) -> bytes:
    """The JSON body with what is sealed at `paths` opened. Raises Unopenable."""

    def open_(value: Any) -> Any:
        if not _is_sealed(value):
            return value
        plain = keyring.open(value)
        return orjson.loads(plain) if value.startswith(OF_JSON) else plain.decode()

    return _mapped(data, paths, open_)


def sealed_paths(data: bytes, paths: tuple[str, ...]) -> list[str]:
    """Those of the paths at which something looks sealed: no client has a key."""
    document = orjson.loads(data)
    return [
        path
        for path in paths
        if any(_is_sealed(holder.get(last)) for holder, last in _holders(document, path))
    ]


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith((PREFIX, OF_JSON))


def _holders(document: Any, path: str) -> list[tuple[dict[str, Any], str]]:
    """The objects that may have the last name of the path, and that name."""
    *parents, last = path.split(".")
    found = [document]
    for step in parents:
        inside = [one.get(step) for one in found if isinstance(one, dict)]
        found = [one for each in inside for one in (each if isinstance(each, list) else [each])]
    return [(one, last) for one in found if isinstance(one, dict)]


def _mapped(data: bytes, paths: tuple[str, ...], change: Callable[[Any], Any]) -> bytes:
    if not paths:
        return data
    document = orjson.loads(data)
    for path in paths:
        for holder, last in _holders(document, path):
            if last in holder:
                holder[last] = change(holder[last])
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError as failure:
        raise ValueError("the document is nested too deeply") from failure
