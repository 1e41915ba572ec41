"""Nothing of a tenant is under way any more: it is suspended, and what it did has been heard."""

import asyncio
import time
from collections.abc import Mapping
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.tenant.commands import TenantSuspend
from contracts.wire.sealing import Keyring
from contracts.wire.streams import CONTEXTS, PUBLISHING, SUBSCRIBERS, commands_of, events_of
from handlers.delivery.asking import text_of
from handlers.delivery.ensuring import ensure
from handlers.delivery.work import Unavailable
from ops.errors import Refused, Unreachable
from ops.tenants.finding import Found
from storage.delivery.moving import unpublished
from storage.delivery.transaction import reading

WITHIN_SECONDS = 60.0
PAUSE_SECONDS = 0.1
# The group of a mirror, which keeps nothing that moves and may be behind for long.
MIRROR = "kafka"
# What one context does makes another do something, which makes a third one do something.
QUIET_ROUNDS = 3


async def suspend(redis_url: str, keyring: Keyring, tenant: Found) -> None:
    """Nobody signs in to the tenant and nobody changes anything of it."""
    if tenant.status == "suspended":
        return
    try:
        reply = await ensure(redis_url, TenantSuspend(tenant_id=tenant.id), keyring)
    except Unavailable as failure:
        raise Unreachable(f"{tenant.slug} could not be suspended: {failure}.") from failure
    if reply.status >= 400:
        code = (reply.problem or {}).get("code")
        raise Refused(f"{tenant.slug} could not be suspended: {code}.")


async def settle(
    engines: Mapping[str, AsyncEngine],
    client: Redis,
    tenant_id: UUID,
    within_seconds: float = WITHIN_SECONDS,
) -> None:
    """All that the tenant's databases had to say was said, and whoever hears it has heard it.
    Raises Unreachable, naming who has not, when that takes too long."""
    deadline = time.monotonic() + within_seconds
    quiet = 0
    while quiet < QUIET_ROUNDS:
        said = [await _unsaid(engine, tenant_id) for engine in engines.values()]
        quiet = 0 if any(said) else quiet + 1
        marks = {stream: await _end_of(client, stream) for stream in _streams()}
        while behind := await _behind(client, marks):
            if time.monotonic() > deadline:
                raise Unreachable(f"{behind} does not come to an end: is every process up?")
            await asyncio.sleep(PAUSE_SECONDS)
        if not quiet:
            if time.monotonic() > deadline:
                raise Unreachable("The outboxes do not empty: is the relay up?")
            await asyncio.sleep(PAUSE_SECONDS)


async def _unsaid(engine: AsyncEngine, tenant_id: UUID) -> int:
    async with reading(engine, tenant_id) as read:
        return await unpublished(read)


def _streams() -> list[str]:
    return [*map(events_of, PUBLISHING), *map(commands_of, (*CONTEXTS, *SUBSCRIBERS))]


async def _end_of(client: Redis, stream: str) -> tuple[int, int]:
    if not await client.exists(stream):
        return (0, 0)
    found = await client.xinfo_stream(stream)
    return _parts(text_of(found["last-generated-id"]))


async def _behind(client: Redis, marks: Mapping[str, tuple[int, int]]) -> str:
    """A group that has not yet read and done all up to the marks; nothing where all have."""
    for stream, mark in marks.items():
        if mark == (0, 0):
            continue
        for group in await client.xinfo_groups(stream):
            name = text_of(group["name"])
            if name == MIRROR:
                continue
            pending = (await client.xpending(stream, name))["min"]
            read_all = _parts(text_of(group["last-delivered-id"])) >= mark
            done_all = pending is None or _parts(text_of(pending)) > mark
            if not (read_all and done_all):
                return f"{name} on {stream}"
    return ""


def _parts(entry_id: str) -> tuple[int, int]:
    at, _, number = entry_id.partition("-")
    return int(at), int(number or 0)
