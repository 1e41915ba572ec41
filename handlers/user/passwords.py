"""Hashing and verifying passwords: argon2id, in two threads, with a bounded queue before them."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.user.passwords import normalise_password
from handlers.delivery.work import Unavailable

T = TypeVar("T")

# OWASP's second choice: 19 MiB, two passes, one lane; some 23 ms.
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
THREADS = 2
# At 23 ms each, the last of these waits less than a second.
LONGEST_QUEUE = 64
# New passwords leave the rest of it to those who sign in.
LONGEST_FOR_NEW = LONGEST_QUEUE // 2


class PasswordPool:
    """Raises Unavailable when more wait than the queue holds: signing in then costs a 503, and
    nothing else of the process suffers."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to store, with a salt of its own."""
        plain = normalise_password(password)
        return await self._run(lambda: self._hasher.hash(plain), LONGEST_FOR_NEW)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash. Without a hash it takes as long, in vain."""
        plain = normalise_password(password)
        look = partial(self._matches, plain, password_hash or self._nobody)
        matches = await self._run(look, LONGEST_QUEUE)
        return matches and password_hash is not None

    def _matches(self, plain: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, plain)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T], longest: int) -> T:
        if self._waiting >= longest + THREADS:
            raise Unavailable("too many sign-ins at once")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
