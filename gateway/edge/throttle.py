"""Guessing passwords is slowed down, and nobody is locked out by a stranger's guessing.

Failed sign-ins are counted for an account at an address, for an address, for an account and for a
tenant. From an address that an account has signed in from before, the first of these counts alone:
whatever strangers do elsewhere, its owner gets in from there. Whoever holds a session and does not
know its password is counted in the same way, apart from strangers at the door.

Accounts that do not exist are counted like those that do; in Redis stand keyed digests.
"""

import hmac
import math
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256

from contracts.wire.envelope import Envelope
from contracts.wire.identity import NIL
from contracts.wire.reply import Reply
from gateway.edge.problems import refused
from gateway.edge.rate_limits import address_digest, limit_key, too_many
from gateway.edge.scripts import Script
from gateway.edge.stream_client import NoReply, StreamClient
from gateway.edge.turns import Turns
from gateway.edge.visit import Visit
from gateway.edge.windows import WINDOW, Quota

# How many addresses are remembered of an account, and for how long after the last sign-in.
ADDRESSES = 20
REMEMBERED_MS = 90 * 86_400_000
# Attempts that one gateway has under way at once: for an account at an address, from an address.
AT_ONCE = 2
AT_ONCE_FROM_AN_ADDRESS = 16

# The same for an attempt that may be given back. KEYS[1] are the addresses that an account is known
# to sign in from, ARGV[1] this one: where it is known, the first window counts alone. Answers 1 and
# the slices it was counted in, or 0 and in how many milliseconds there is room.
_ATTEMPT = Script(
    WINDOW
    + """
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
local last = known and 2 or #KEYS
local wait, slices = 0, {1}
for i = 2, last do
  local left, more, slice = look(KEYS[i], tonumber(ARGV[2 * i - 2]), tonumber(ARGV[2 * i - 1]))
  slices[i] = slice
  if left <= 0 and more > wait then wait = more end
end
if wait > 0 then return {0, wait} end
for i = 2, last do take(KEYS[i], tonumber(ARGV[2 * i - 1])) end
return slices
"""
)
# KEYS: those of an attempt; ARGV: the slices it was counted in.
_GIVE_BACK = """
for i = 1, #slices do
  local count = tonumber(redis.call('HGET', KEYS[i + 1], slices[i]))
  if count and count > 0 then redis.call('HINCRBY', KEYS[i + 1], slices[i], -1) end
end
"""
_UNCOUNT = Script("local slices = ARGV" + _GIVE_BACK)
# ARGV before those: the address, how many are remembered, and for how many milliseconds.
_RECOGNISE = Script(
    "local slices = {unpack(ARGV, 4)}"
    + _GIVE_BACK
    + """
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[2] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""
)


@dataclass(frozen=True, slots=True)
class GuessQuotas:
    """Failed sign-ins: of an account from one address, and of an address, an account and a tenant
    from addresses that the account is not known at."""

    account_at_address: Quota
    address: Quota
    account: Quota
    tenant: Quota


@dataclass(frozen=True, slots=True)
class Guessed:
    """Whose password is tried: the words that make the digests of tenant and account."""

    tenant: tuple[str, ...]
    account: tuple[str, ...]

    @classmethod
    def by_name(cls, slug: str, email: str) -> "Guessed":
        """The account that somebody names at the door, whether there is one or not."""
        return cls(("tenant", slug), ("account", slug, folded(email)))

    @classmethod
    def by_session(cls, message: Envelope) -> "Guessed":
        """The account of whoever sends this; no name that is given at the door is the same."""
        tenant = str(message.tenant_id or NIL)
        return cls(("tenant within", tenant), ("session of", tenant, str(message.actor.id)))


@dataclass(slots=True)
class Attempt:
    """A sign-in that was let through; `reply` is what became of it."""

    reply: Reply | NoReply = NoReply.AWAY


class Throttle:
    """Without quotas nothing is counted and nothing is refused."""

    def __init__(
        self,
        streams: StreamClient,
        quotas: GuessQuotas | None,
        key: bytes,
        within_seconds: float,
    ) -> None:
        self._streams = streams
        self._quotas = quotas
        self._key = key
        self._turns = Turns(within_seconds)

    @asynccontextmanager
    async def attempt(self, visit: Visit, guessed: Guessed) -> AsyncIterator[Attempt]:
        """An attempt, counted as failed until its reply is known: a refusal stays counted, nothing
        else does, and after a success the address is known. Raises Refused: 429 where there were
        too many, 503 without Redis."""
        attempt = Attempt()
        if self._quotas is None:
            yield attempt
            return
        keys, address = self._keys(visit, guessed)
        # Those under way count as failed; so few are that many may sign in at once, and rightly.
        at_once = min(AT_ONCE, self._quotas.account_at_address.count)
        from_there = min(AT_ONCE_FROM_AN_ADDRESS, self._quotas.address.count)
        async with self._turns.of(keys[1], at_once), self._turns.of(keys[2], from_there):
            slices = await self._count(self._quotas, keys, address)
            try:
                yield attempt
            finally:
                await self._settle(keys, address, slices, attempt.reply)

    async def _count(
        self, quotas: GuessQuotas, keys: tuple[str, ...], address: str
    ) -> tuple[int, ...]:
        told = await self._streams.run(_ATTEMPT, keys, address, *_words(quotas))
        if told is None:
            raise refused("unavailable", "The message broker does not answer.")
        admitted, *rest = (int(number) for number in told)
        if not admitted:
            raise too_many("Too many wrong passwords.", math.ceil(rest[0] / 1000), "sign_in")
        return tuple(rest)

    async def _settle(
        self, keys: tuple[str, ...], address: str, slices: tuple[int, ...], reply: Reply | NoReply
    ) -> None:
        status = reply.status if isinstance(reply, Reply) else None
        if status == 401:
            return
        counted = keys[: len(slices) + 1]
        if status == 200:
            words: tuple[str | int, ...] = (address, ADDRESSES, REMEMBERED_MS, *slices)
            await self._streams.run(_RECOGNISE, counted, *words)
        else:
            await self._streams.run(_UNCOUNT, counted, *slices)

    def _keys(self, visit: Visit, guessed: Guessed) -> tuple[tuple[str, ...], str]:
        tenant, account = self._digest(guessed.tenant), self._digest(guessed.account)
        address = address_digest(self._key, visit.address)
        return (
            limit_key(tenant, "addresses", account),
            limit_key(tenant, "sign-in", account, address),
            limit_key(NIL, "sign-in", address),
            limit_key(tenant, "sign-in", account),
            limit_key(tenant, "sign-in"),
        ), address

    def _digest(self, parts: tuple[str, ...]) -> str:
        # No part can hold the mark between them: a body with NUL does not come this far.
        return hmac.new(self._key, "\0".join(parts).encode(), sha256).hexdigest()[:32]


def _words(quotas: GuessQuotas) -> Sequence[int]:
    each = (quotas.account_at_address, quotas.address, quotas.account, quotas.tenant)
    return [number for quota in each for number in (quota.count, quota.seconds * 1000)]


def folded(email: str) -> str:
    """As the user context compares addresses: spelled otherwise, it is the same account."""
    folded = unicodedata.normalize("NFC", email.strip()).casefold()
    return unicodedata.normalize("NFC", folded)
