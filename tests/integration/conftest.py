"""The servers that integration tests share, and the context that others ask before they change."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from handlers.delivery.settings import ProcessSettings
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.routes import reservation_routes
from storage.delivery.known import KnownObjects
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.patience import patient_client
from tests.integration.postgres import SECRET, Databases
from tests.integration.reservation.salon import NoOwner


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """An embedded PostgreSQL; it is gone when the run ends."""
    found = Databases()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def cache() -> Iterator[ValkeyServer]:
    """Where what reservation knows is kept."""
    server = ValkeyServer()
    server.start()
    yield server
    server.remove()


@pytest_asyncio.fixture(scope="session")
async def known(cache: ValkeyServer) -> AsyncIterator[KnownObjects]:
    client = patient_client(cache.url, connections=32)
    yield KnownObjects(client, 3600)
    await client.aclose()


@pytest_asyncio.fixture(scope="session")
async def reservations(databases: Databases, known: KnownObjects) -> AsyncIterator[Desk]:
    """The reservation context's handlers."""
    found = Desk.at("reservation", databases.of("reservation"))
    found.serve(reservation_routes(Knowledge(known, NoOwner()), found.engine, SECRET))
    yield found
    await found.close()


@pytest.fixture(scope="session")
def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def settings(
    signing_key: Ed25519PrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> ProcessSettings:
    """A process's settings, with the signing key in a file."""
    file = tmp_path_factory.mktemp("keys") / "jwt_private_key.pem"
    file.write_bytes(
        signing_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return ProcessSettings(
        _env_file=None,
        redis_url="redis://unused",
        secret_key=SecretStr(SECRET),
        jwt_private_key_file=str(file),
    )
