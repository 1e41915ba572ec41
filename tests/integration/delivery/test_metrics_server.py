"""The listener of a page of metrics: where it listens, what it answers, and that it ends."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry, Counter

from handlers.delivery.metrics_server import MAX_HEAD, CannotListen, MetricsServer
from ops.embedded.ports import is_free
from tests.installation import free_ports
from tests.waiting import eventually

HOST = "127.0.0.1"


@pytest.fixture
def port() -> int:
    return free_ports(1)


@pytest_asyncio.fixture
async def server(port: int) -> AsyncIterator[MetricsServer]:
    registry = CollectorRegistry()
    Counter("slotstream_things_total", "Things.", registry=registry).inc()
    found = MetricsServer(registry, HOST, port)
    await found.start()
    yield found
    await found.stop()


@pytest.mark.usefixtures("server")
async def test_it_serves_one_page(port: int) -> None:
    """GET and HEAD of /metrics; any other path is 404, any other method 405."""
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
        page = await client.get("/metrics?name=any")
        assert (page.status_code, page.text.splitlines()[-1]) == (
            200,
            "slotstream_things_total 1.0",
        )
        assert page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        head = await client.head("/metrics")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == page.headers["content-length"]
        assert (await client.get("/")).status_code == 404
        refused = await client.post("/metrics")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.usefixtures("server")
async def test_what_is_no_request_is_hung_up_on(port: int) -> None:
    """Half a request, and a head without an end: no answer, and the page is still served."""
    for sent in (b"GET /metrics HTTP/1.1\r\n", b"x" * (2 * MAX_HEAD)):
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(sent)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
        assert (await client.get("/metrics")).status_code == 200


async def test_it_ends_with_somebody_connected(server: MetricsServer, port: int) -> None:
    """Afterwards the port is free, and whoever was connected and silent is hung up on."""
    reader, writer = await asyncio.open_connection(HOST, port)
    await eventually(lambda: server._answering, 30)
    await server.stop()
    assert await reader.read() == b""
    writer.close()
    assert is_free(HOST, port)


@pytest.mark.usefixtures("server")
async def test_a_port_that_is_taken_is_named(port: int) -> None:
    """Whoever starts a second process with the same one is told which it is."""
    with pytest.raises(CannotListen, match=f"METRICS_PORT: port {port} of {HOST}"):
        await MetricsServer(CollectorRegistry(), HOST, port).start()


async def test_without_a_port_there_is_nothing() -> None:
    """Neither start nor stop does anything."""
    server = MetricsServer(CollectorRegistry(), HOST, 0)
    await server.start()
    await server.stop()
