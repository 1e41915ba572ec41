"""A gateway in this process, with a client, a signer and a peer that stands for the handlers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from gateway.app import build_app
from gateway.edge.parts import Parts, build_parts
from gateway.edge.settings import GatewaySettings
from tests.gateway.peer import Peer
from tests.gateway.signer import ACME, Signer

SECRET = "a-secret-of-the-tests-that-nobody-else-has"


@dataclass(frozen=True)
class House:
    """`get`, `post` … call as a user of Acme who holds the permissions, unless told otherwise."""

    client: httpx.AsyncClient
    peer: Peer
    signer: Signer
    parts: Parts

    async def call(
        self,
        method: str,
        path: str,
        *permissions: str,
        tenant: UUID | None = ACME,
        headers: dict[str, str] | None = None,
        **sent: Any,
    ) -> httpx.Response:
        given = {**self.signer.bearer(*permissions, tenant=tenant), **(headers or {})}
        return await self.client.request(method, path, headers=given, **sent)


def settings_for(url: str, jwks_file: Path, **changed: Any) -> GatewaySettings:
    fields: dict[str, Any] = {
        "redis_url": url,
        "secret_key": SecretStr(SECRET),
        "jwt_jwks_file": jwks_file,
        "request_timeout_seconds": 5,
        **changed,
    }
    return GatewaySettings(_env_file=None, **fields)


@asynccontextmanager
async def in_one_task(manager: AbstractAsyncContextManager[House]) -> AsyncIterator[House]:
    """Entered and left by one task, which a fixture of the session is not: anyio insists on it."""
    opened_house: asyncio.Future[House] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def hold() -> None:
        async with manager as house:
            opened_house.set_result(house)
            await done.wait()

    task = asyncio.create_task(hold())
    either: set[asyncio.Future[Any]] = {task, opened_house}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        yield await opened_house
    finally:
        done.set()
        await task


@asynccontextmanager
async def opened(
    url: str, folder: Path, *, peer_first: bool = True, **changed: Any
) -> AsyncIterator[House]:
    """A gateway that serves in this process, as long as the block lasts."""
    signer = Signer(folder / "jwks.json")
    settings = settings_for(url, signer.jwks_file, **changed)
    parts = build_parts(settings)
    app = build_app(settings, parts)
    lifespan: Any = app.app
    peer = Peer(url)
    if peer_first:
        await peer.start()
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # other names, same types
    try:
        async with (
            lifespan.lifespan(),
            httpx.AsyncClient(transport=transport, base_url="http://gateway") as client,
        ):
            yield House(client, peer, signer, parts)
    finally:
        await peer.stop()
