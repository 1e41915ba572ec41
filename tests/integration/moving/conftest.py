"""Two tenants with something of everything in one installation, and another that knows neither."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.delivery.settings import ProcessSettings
from ops.tenants.archive import Manifest
from ops.tenants.exporting import export_tenant
from ops.tenants.finding import find_tenant
from storage.delivery.known import KnownObjects
from tests.integration.moving.houses import PASSPHRASE, Place
from tests.integration.postgres import SECRET, Databases
from tests.integration.twins_street import Street
from tests.integration.twins_tenants import MovingIn, Twin

OTHER_SECRET = "another installation's: forty-two characters"


# What no command of those brought about, for every tenant that has what it is about. The last is
# something that is still to be said, as it stands while it waits.
BESIDES = (
    ("reservation", "INSERT INTO booking_series_skipped SELECT DISTINCT ON (tenant_id) tenant_id,"
     " series_id, now(), now() + interval '1 hour', 'booking_conflict' FROM booking_series"),
    ("subscriber", "INSERT INTO audit_address SELECT DISTINCT ON (tenant_id) tenant_id, record_id,"
     " now(), 'user/1', '192.0.2.1' FROM audit_record"),
    ("subscriber", "INSERT INTO webhook_attempt SELECT DISTINCT ON (tenant_id) tenant_id,"
     " delivery_id, 1, now(), 12, 500, NULL, E'a\u2028b' FROM webhook_delivery"),
    ("subscriber", "INSERT INTO billing_resource SELECT DISTINCT ON (tenant_id) tenant_id,"
     " resource_id, 1, now(), true FROM billing_line"),
    ("subscriber", "INSERT INTO billing_zone SELECT DISTINCT tenant_id, 1, now(), 'Europe/Paris'"
     " FROM billing_line"),
    ("subscriber", "UPDATE notification SET payload = :payload WHERE :payload <> ''"),
)  # fmt: skip


async def fill(place: Place) -> None:
    """There is something in every table."""
    for context, statement in BESIDES:
        told = (
            {"payload": place.keyring.seal(b'{"to":"somebody"}')} if ":payload" in statement else {}
        )
        await place.change(context, statement, **told)


@dataclass
class Removal:
    """`twin` is to move from `here` to `there`; its neighbour is not. `file` is its archive."""

    here: Place
    there: Place
    twin: Twin
    neighbour: Twin
    file: Path
    manifest: Manifest


@pytest_asyncio.fixture(scope="session")
async def removal(
    databases: Databases,
    known: KnownObjects,
    settings: ProcessSettings,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Removal]:
    here = await Place.of(databases, "here", SECRET)
    there = await Place.of(databases, "there", OTHER_SECRET)
    street = Street(here.databases, known, settings, lambda one: one.app)
    twin, neighbour = [await MovingIn(street, letter).furnished() for letter in "cd"]
    await fill(here)
    file = tmp_path_factory.mktemp("archive") / "twin.tenant"
    manifest = await archived(here, twin, file)
    yield Removal(here, there, twin, neighbour, file, manifest)
    await street.close()
    await here.close()
    await there.close()


@pytest_asyncio.fixture
async def empty(removal: Removal) -> AsyncIterator[Place]:
    """The other installation as it was: nobody has come yet."""
    yield removal.there
    for context in removal.there.databases:
        tables = ", ".join(sorted(await removal.there.tables(context)))
        await removal.there.change(context, f"TRUNCATE {tables} CASCADE")
        await removal.there.change(context, "UPDATE outbox_archive_state SET forgotten_up_to = 0")


async def archived(place: Place, twin: Twin, file: Path) -> Manifest:
    found = await find_tenant(place.engines["tenant"], twin.words["slug"])
    with file.open("wb") as out:
        return await export_tenant(place.engines, place.keyring, found, out, PASSPHRASE)


@pytest.fixture
def street_of(known: KnownObjects, settings: ProcessSettings) -> Callable[[Place], Street]:
    """The handlers of all contexts on an installation's databases."""
    return lambda place: Street(place.databases, known, settings, lambda one: one.app)
