"""A file that nobody reads without its passphrase, and of which nobody takes or changes a byte.

    magic · salt (16) · chunks: last? (1) · length (4) · AES-256-GCM

The key is scrypt's, of the passphrase and the salt, and so never the same twice; the nonce is the
chunk's number, and whether it is the last one.
"""

import hashlib
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ops.errors import Damaged, Refused

MAGIC = b"slotstream tenant 1\n"
SALT = 16
CHUNK = 1 << 16
TAG = 16
SHORTEST_PASSPHRASE = 12
# 32 MiB and a tenth of a second for each guess.
_COST = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 1 << 26, "dklen": 32}


class SealingWriter:
    """Takes plain bytes, writes sealed ones; whole when it is closed, and not before."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(SALT)
        self._file = file
        self._head = MAGIC + salt
        self._cipher = _cipher(passphrase, salt)
        self._held = bytearray()
        self._number = 0
        file.write(self._head)

    def write(self, plain: bytes) -> int:
        self._held += plain
        while len(self._held) > CHUNK:
            self._write_chunk(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(plain)

    def close(self) -> None:
        self._write_chunk(bytes(self._held), last=True)
        self._held.clear()

    def _write_chunk(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plain, self._head)
        self._file.write(bytes([last]) + len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


class OpeningReader:
    """Gives the plain bytes back. Raises Refused for another passphrase, Damaged for anything else
    that is not as it was written."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        self._head = file.read(len(MAGIC) + SALT)
        if len(self._head) < len(MAGIC) + SALT or not self._head.startswith(MAGIC):
            raise Damaged("This is not an archive of a tenant, or one of another version.")
        self._cipher = _cipher(passphrase, self._head[len(MAGIC) :])
        self._held = bytearray()
        self._number = 0
        self._was_last = False

    def read(self, size: int = -1) -> bytes:
        """As many bytes as are asked for, fewer only at the end."""
        while not self._was_last and (size < 0 or len(self._held) < size):
            self._held += self._chunk()
        taken = len(self._held) if size < 0 else size
        given = bytes(self._held[:taken])
        del self._held[:taken]
        return given

    def _chunk(self) -> bytes:
        front = self._file.read(5)
        length = int.from_bytes(front[1:], "big")
        if len(front) < 5 or length > CHUNK + TAG:
            raise Damaged("The archive is cut short or was changed.")
        self._was_last = front[0] == 1
        nonce = _nonce(self._number, last=self._was_last)
        try:
            plain = self._cipher.decrypt(nonce, self._file.read(length), self._head)
        except InvalidTag:
            if self._number == 0:
                raise Refused(
                    "The passphrase is another one, or the archive was changed."
                ) from None
            raise Damaged("The archive is cut short or was changed.") from None
        self._number += 1
        if self._was_last and self._file.read(1):
            raise Damaged("Something was added to the archive.")
        return plain


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(hashlib.scrypt(passphrase.encode(), salt=salt, **_COST))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
