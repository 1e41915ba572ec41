"""One Valkey and one gateway for all tests here; a test that breaks Redis takes its own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.gateway.house import House, in_one_task, opened
from tests.gateway.machines import Registry
from tests.gateway.server import ValkeyServer
from tests.waiting import eventually


def _served() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """A server that nobody stops."""
    yield from _served()


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A server that the test may stop and freeze."""
    yield from _served()


# It ends with this folder: what it has counted for the trail it writes down a minute later, and
# that would be heard in other tests.
@pytest_asyncio.fixture(scope="package")
async def shared_house(
    valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with in_one_task(opened(valkey.url, tmp_path_factory.mktemp("gateway"))) as house:
        yield house


@pytest_asyncio.fixture
async def house(shared_house: House) -> House:
    """The shared gateway, with a peer that echoes and remembers nothing."""
    # While only tests without a loop ran, its pulse stood still.
    await eventually(lambda: shared_house.parts.streams.alive, within_seconds=10)
    shared_house.peer.reset()
    return shared_house


@pytest.fixture
def registry(house: House) -> Registry:
    found = Registry()
    house.peer.script = found
    return found
