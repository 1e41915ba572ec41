"""A client that a machine writes from each OpenAPI document is one to work with."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.documented import OPERATIONS
from tests.e2e.house import PASSWORD, House, Person, at, day_ahead, new_house
from tests.installation import Installation

SUBJECTS = ("tenants", "resources", "users", "reservations")
# Nothing is made pretty; a calendar is sent as it is, by a call of one's own.
CONFIG = "post_hooks: []\ncontent_type_overrides:\n  text/calendar: application/octet-stream\n"


class Written:
    """The packages, made from the documents as they are served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._clients: list[Any] = []

    def close(self) -> None:
        """Nothing is connected any more."""
        for client in self._clients:
            client.get_httpx_client().close()

    def package(self, subject: str) -> str:
        return f"written_for_{subject}"

    def operations(self, subject: str) -> set[str]:
        modules = (self.folder / self.package(subject) / "api").glob("*/*.py")
        return {module.stem for module in modules} - {"__init__"}

    def call(self, subject: str, operation: str) -> Any:
        """The module of an operation."""
        places = self.folder / self.package(subject) / "api"
        (found,) = places.glob(f"*/{operation}.py")
        return self._module(subject, f"api.{found.parent.name}.{operation}")

    def model(self, subject: str, name: str) -> Any:
        return getattr(self._module(subject, "models"), name)

    def client(self, subject: str, house: House, who: Person | None = None) -> Any:
        """Of somebody who has signed in, or of nobody."""
        made = self._module(subject, "client")
        client = (
            made.Client(base_url=house.base_url)
            if who is None
            else made.AuthenticatedClient(base_url=house.base_url, token=who.token)
        )
        self._clients.append(client)
        return client

    def _module(self, subject: str, path: str) -> ModuleType:
        return importlib.import_module(f"{self.package(subject)}.{path}")


@pytest.fixture(scope="module")
def written(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Written]:
    """Each is written without a warning: a warning is an operation or an answer left out."""
    folder = tmp_path_factory.mktemp("clients")
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    found = Written(folder)
    writing = []
    for subject in SUBJECTS:
        path = folder / f"{subject}.json"
        path.write_bytes(Person(installation.base_url).get(f"/{subject}/openapi.json").content)
        told = ("--path", str(path), "--config", str(config), "--meta", "none", "--fail-on-warning")
        command = (sys.executable, "-m", "openapi_python_client", "generate", *told)
        place = ("--output-path", str(folder / found.package(subject)))
        writing.append(
            subprocess.Popen(
                (*command, *place), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        )
    for process in writing:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert "arning" not in said
    sys.path.insert(0, str(folder))
    yield found
    found.close()
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def salon(installation: Installation, platform: Person) -> House:
    found = new_house(installation, platform)
    found.open_always()
    return found


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_operation_is_in_its_client(written: Written, subject: str) -> None:
    """Nothing that the document describes was left out."""
    document = json.loads((written.folder / f"{subject}.json").read_text())
    described = {one["operationId"] for item in document["paths"].values() for one in item.values()}
    assert written.operations(subject) == described
    assert described <= set(OPERATIONS)


def test_users(written: Written, salon: House) -> None:
    """Somebody signs in, makes a user, finds them in the list, and cannot make them twice."""
    body = written.model("users", "AuthTokenBody")(
        tenant=salon.slug, email=f"owner@{salon.slug}.example", password=PASSWORD
    )
    signing_in = written.call("users", "auth_token")
    tokens = signing_in.sync(client=written.client("users", salon), body=body)
    assert (tokens.token_type, tokens.expires_in) == ("Bearer", 600)
    client = written.client("users", salon, Person(salon.base_url, tokens.access_token))
    made = written.call("users", "user_create")
    ana = written.model("users", "UserCreateBody")(email="ana@salon.example", name="Ana")
    view = made.sync(client=client, body=ana)
    listed = written.call("users", "user_list").sync(client=client, limit=200)
    assert view.id in {one.id for one in listed.items}
    again = made.sync_detailed(client=client, body=ana)
    assert again.status_code == 409
    assert isinstance(again.parsed, written.model("users", "UserCreateResponse409"))
    assert again.parsed.code == "email_in_use"
    wrong = written.model("users", "AuthTokenBody")(salon.slug, "nobody@salon.example", PASSWORD)
    refused = signing_in.sync(client=written.client("users", salon), body=wrong)
    assert refused.code == "invalid_credentials"


def test_resources_and_bookings(written: Written, salon: House) -> None:
    """A resource is made and booked; the second booking's refusal says when there is room."""
    client = written.client("resources", salon, salon.owner)
    body = written.model("resources", "ResourceCreateBody")
    kind = written.model("resources", "ResourceCreateBodyKind")
    room = written.call("resources", "resource_create").sync(
        client=client, body=body(name="Room", kind=kind("space"))
    )
    listed = written.call("resources", "resource_list").sync(client=client)
    assert [one.name for one in listed.items] == ["Room"]
    start = at(day_ahead(), 10)
    asked = written.model("reservations", "BookingCreateBody")(
        resource_id=room.id, starts_at=start, ends_at=start + timedelta(hours=1)
    )
    client = written.client("reservations", salon, salon.owner)
    booking_create = written.call("reservations", "booking_create")
    booked = booking_create.sync(client=client, body=asked)
    assert (booked.resource_id, booked.starts_at) == (room.id, start)
    taken = booking_create.sync(client=client, body=asked)
    assert isinstance(taken, written.model("reservations", "BookingCreateResponse409"))
    assert taken.code == "booking_conflict"
    assert taken.next_available.starts_at == start + timedelta(hours=1)
    found = written.call("reservations", "booking_list").sync(client=client, resource_id=room.id)
    assert [one.id for one in found.items] == [booked.id]


def test_tenants(written: Written, salon: House) -> None:
    """Settings are read and patched with the version that was read; a stranger's tenant is not."""
    client = written.client("tenants", salon, salon.owner)
    settings = written.call("tenants", "settings_get").sync(UUID(salon.id), client=client)
    patch = written.model("tenants", "SettingsPatch")(slot_interval_minutes=20)
    changing = written.call("tenants", "settings_update")
    told = {"client": client, "body": patch, "if_match": f'"{settings.version}"'}
    assert changing.sync(UUID(salon.id), **told).version == settings.version + 1
    stale = changing.sync(UUID(salon.id), **told)
    assert (stale.status, stale.code) == (412, "stale_version")
    missing = written.call("tenants", "tenant_get").sync(uuid4(), client=client)
    assert missing.code == "not_found"
