"""Connections to addresses that were looked at: what is checked is what is connected to.

The name is resolved here, once, every address of it is held against the table, and the connection
goes to one of those very addresses. A resolver that says another thing the next time is not asked
a next time. The host's name stays what TLS and the Host header say: they come from the URL.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from handlers.subscribers.webhooks.addresses import Address, Reach

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
# Of a name with more addresses, so many are tried.
MOST_ADDRESSES = 4


class Forbidden(httpcore.ConnectError):
    """This name leads, also, to an address that webhooks are not sent to."""


class Resolver:
    """The machine's own, in threads of its own: a name server that hangs holds up no one else's
    work in the loop's threads."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "webhook-resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, in the order in which to try them."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to allowed addresses alone."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        self._below = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the backend's own contract
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of the host that answers. Raises Forbidden when any
        one of its addresses is not allowed."""
        addresses = [str(address) for address in await self._checked(host, port)]
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._below.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the backend's own contract
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """There is no such way."""
        del path, timeout, socket_options
        raise Forbidden("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._below.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[Address]:
        try:
            named = await self._resolve(host, port)
        except (OSError, UnicodeError) as failure:
            # UnicodeError is of names that IDNA knows no form of.
            raise httpcore.ConnectError("the host's name cannot be resolved") from failure
        try:
            found = [ip_address(address) for address in named]
        except ValueError:
            raise Forbidden("an address that is none") from None
        if not all(self._reach.allows(address) for address in found):
            raise Forbidden("this host cannot be reached from here")
        return found


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]
