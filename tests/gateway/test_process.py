"""The gateway as a process: what it serves over real connections, and how it stops."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from contracts.wire.reply import Reply
from tests.gateway.house import SECRET
from tests.gateway.peer import Peer
from tests.gateway.raw import read_answer, request
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import Signer
from tests.installation import free_port
from tests.waiting import eventually, wait_until

ROOT = Path(__file__).parents[2]
PATH = "/resources/"


def environment(url: str, jwks_file: Path, port: int, **told: str) -> dict[str, str]:
    return {
        **os.environ,
        "ENV_FILE": "",
        "REDIS_URL": url,
        "SECRET_KEY": SECRET,
        "JWT_JWKS_FILE": str(jwks_file),
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "INSTANCE_NAME": "gateway-9",
        "LOG_FORMAT": "json",
        **told,
    }


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").status_code == 200
    except httpx.TransportError:
        return False


@dataclass(frozen=True)
class Running:
    """A gateway process, and whom it speaks with."""

    process: subprocess.Popen[bytes]
    address: str
    port: int
    signer: Signer


@contextmanager
def started(url: str, signer: Signer, module: str = "gateway", **told: str) -> Iterator[Running]:
    """A gateway that serves on a free port; what it still is at the end is killed."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment(url, signer.jwks_file, port, **told),
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(address), within_seconds=60)
        yield Running(process, address, port, signer)
    finally:
        process.kill()
        process.wait(timeout=10)


@asynccontextmanager
async def answering(server: ValkeyServer) -> AsyncIterator[Peer]:
    """Answers for the handlers."""
    peer = Peer(server.url)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
def running(own_valkey: ValkeyServer, tmp_path: Path) -> Iterator[Running]:
    """A gateway of the test's own, to be stopped."""
    with started(own_valkey.url, Signer(tmp_path / "jwks.json")) as gateway:
        yield gateway


@pytest_asyncio.fixture
async def peer(own_valkey: ValkeyServer) -> AsyncIterator[Peer]:
    """Answers what `running` asks."""
    async with answering(own_valkey) as speaking:
        yield speaking


@pytest.fixture(scope="module")
def lasting_valkey() -> Iterator[ValkeyServer]:
    """The server of `lasting`."""
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def lasting(
    lasting_valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A gateway that nobody stops."""
    signer = Signer(tmp_path_factory.mktemp("lasting") / "jwks.json")
    with started(lasting_valkey.url, signer) as gateway:
        yield gateway


@pytest_asyncio.fixture
async def lasting_peer(lasting_valkey: ValkeyServer) -> AsyncIterator[Peer]:
    """Answers what `lasting` asks."""
    async with answering(lasting_valkey) as speaking:
        yield speaking


async def test_a_stop_loses_no_request(running: Running, peer: Peer) -> None:
    """SIGTERM while 100 keep-alive connections are busy: every request that was sent is answered,
    each connection is closed by an answer that says so, and the process ends with 0."""
    peer.script = lambda _: Reply(200, {"items": [], "next_cursor": None})
    # A hundred clients of a library would need longer for a round of them than the drain lasts.
    sent = request("GET", PATH, running.signer.bearer("resource:read"))
    closed = 0

    async def stay(connected: asyncio.Barrier) -> None:
        nonlocal closed
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(sent)
        answer = await read_answer(reader)
        await connected.wait()
        while answer.headers.get("connection") != "close":
            writer.write(sent)
            answer = await read_answer(reader)
            assert answer.status == 200
        assert await reader.read() == b""
        writer.close()
        closed += 1

    connected = asyncio.Barrier(101)
    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        for _ in range(100):
            group.create_task(stay(connected))
        await connected.wait()
        running.process.send_signal(signal.SIGTERM)
    assert closed == 100
    began = time.monotonic()
    await eventually(lambda: running.process.poll() is not None, within_seconds=4)
    assert running.process.returncode == 0
    assert time.monotonic() - began < 4


async def test_it_is_not_ready_while_it_drains(running: Running, peer: Peer) -> None:
    """After SIGTERM /ready is 503 at once, while /health is still true."""
    async with httpx.AsyncClient(base_url=running.address) as client:
        assert (await client.get("/ready")).status_code == 200
        running.process.send_signal(signal.SIGTERM)

        async def drains() -> bool:
            return (await client.get("/ready")).status_code == 503

        await eventually(drains, within_seconds=20, every=0.01)
        answer = await client.get("/health")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")


async def test_a_request_under_way_is_answered(running: Running, peer: Peer) -> None:
    """What was asked before SIGTERM is answered, though its reply comes after it."""
    peer.script = lambda _: None
    headers = running.signer.bearer("resource:read")
    async with httpx.AsyncClient(base_url=running.address, headers=headers) as client:
        asking = asyncio.create_task(client.get(PATH))
        (asked,) = await peer.hears(1)
        running.process.send_signal(signal.SIGTERM)

        async def drains() -> bool:
            return (await client.get("/ready")).status_code == 503

        await eventually(drains, within_seconds=20, every=0.01)
        await peer.answer(asked, Reply(200, {"items": []}))
        assert (await asking).json() == {"items": []}


async def test_headers_over_a_real_connection(lasting: Running, lasting_peer: Peer) -> None:
    """No server header; HEAD has the length of the body that it leaves out; 204 has none."""
    async with httpx.AsyncClient(base_url=lasting.address) as client:
        whole, head = await client.get("/health"), await client.head("/health")
        assert "server" not in whole.headers
        assert (head.content, head.headers["content-length"]) == (b"", str(len(whole.content)))
        lasting_peer.script = lambda _: Reply(204)
        path = "/resources/018f0000-0000-7000-8000-000000000001"
        headers = lasting.signer.bearer("resource:delete")
        gone = await client.delete(path, headers=headers)
        assert (gone.status_code, gone.content) == (204, b"")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_body_leaves_the_connection_usable(
    lasting: Running, lasting_peer: Peer, chunked: bool
) -> None:
    """413, announced or chunked, and the next request on the connection is answered."""
    headers = {**lasting.signer.bearer("resource:create"), "content-type": "application/json"}
    limits = httpx.Limits(max_connections=1)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    async with httpx.AsyncClient(base_url=lasting.address, limits=limits) as client:
        content = pieces() if chunked else b" " * (40 * 65_536)
        answer = await client.post(PATH, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert (await client.get("/health")).status_code == 200


async def test_what_is_no_http_is_no_traceback(lasting: Running) -> None:
    """Bytes that are no HTTP get 400, and the process lives on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", lasting.port)
    writer.write(b"\x16\x03\x01\x00\xff nonsense\r\n\r\n")
    assert (await reader.read(12)).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()
    assert answers(lasting.address)


def test_memory_after_start_is_modest(lasting: Running) -> None:
    """A gateway that has just started holds less than 150 MB."""
    status = Path(f"/proc/{lasting.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux shows it there")
    resident = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 150_000


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"REDIS_URL": ""}, "cannot start"),
        ({"REDIS_URL": "http://127.0.0.1"}, "cannot start"),
        ({"JWT_JWKS_FILE": "/nowhere"}, "cannot start"),
        ({"INSTANCE_NAME": "No Name"}, "INSTANCE_NAME"),
        ({"GATEWAY_PORT": "port"}, "GATEWAY_PORT"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    """What keeps it from starting is said in a line, without a traceback, and it ends with 1."""
    jwks = Signer(tmp_path / "jwks.json").jwks_file
    told = {**environment("redis://127.0.0.1:1/0", jwks, free_port()), **changed}
    done = subprocess.run(
        [sys.executable, "-m", "gateway"], cwd=ROOT, env=told, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert sentence in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    """A port of somebody else's is said in a line."""
    jwks = Signer(tmp_path / "jwks.json").jwks_file
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = environment("redis://127.0.0.1:1/0", jwks, other.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "gateway"], cwd=ROOT, env=told, capture_output=True, check=False
        )
    assert done.returncode == 1
    assert b"in use" in done.stderr
