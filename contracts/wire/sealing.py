"""Sealing: secrets and personal data are AES-GCM closed wherever a message is serialised.

A sealed text is `sealed:<key id>:<base64url of nonce and ciphertext>`. Keys rotate by putting the
new one first: it seals, all of them open.
"""

import base64
import os
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.wire.identity import derived_key

PREFIX = "sealed:"
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
    """The JSON body with the strings at the dotted `paths` sealed (those that are not yet)."""
    return _mapped(
        data, paths, lambda text: text if _is_sealed(text) else keyring.seal(text.encode())
    )


def open_fields(data: bytes, paths: tuple[str, ...], keyring: Keyring) -> bytes:
    """The JSON body with the sealed strings at `paths` opened."""
    return _mapped(
        data, paths, lambda text: keyring.open(text).decode() if _is_sealed(text) else text
    )


def _is_sealed(text: str) -> bool:
    return text.startswith(PREFIX)


def _mapped(data: bytes, paths: tuple[str, ...], change: Any) -> bytes:
    if not paths:
        return data
    document = orjson.loads(data)
    for path in paths:
        *parents, last = path.split(".")
        holder = document
        for step in parents:
            holder = holder.get(step) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and isinstance(holder.get(last), str):
            holder[last] = change(holder[last])
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError as failure:
        raise ValueError("the document is nested too deeply") from failure
