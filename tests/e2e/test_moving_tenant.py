"""A tenant that moves from one running installation to another, by the command line."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.e2e.house import (
    PASSWORD,
    House,
    Person,
    at,
    close_clients,
    day_ahead,
    new_house,
    redis_client,
    rfc,
    sign_in,
)
from tests.installation import ROOT, Installation
from tests.waiting import wait_until

PASSPHRASE = "what only these two know"
START = at(day_ahead(20), 10)


def slotstream(installation: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    """A command, as the one who runs the installation types it."""
    return subprocess.run(
        (sys.executable, "-m", "ops", *words),
        cwd=ROOT,
        env=installation.told(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class Move:
    """A house that has moved; `before` is what could be read of it where it was."""

    house: House
    there: Installation
    platform: Person
    file: Path
    said: tuple[str, str]
    before: dict[str, Any]

    def owner(self) -> Person:
        """Signed in where the house is now."""
        email = f"owner@{self.house.slug}.example"
        return sign_in(self.there.base_url, self.house.slug, email, PASSWORD)


def read(person: Person, house: House) -> dict[str, Any]:
    """What the owner of a house sees of it."""
    span = {"from": str(day_ahead(15)), "to": str(day_ahead(25))}
    pages = {
        "bookings": person.get("/reservations/bookings/"),
        "resources": person.get("/resources/"),
        "settings": person.get(f"/tenants/{house.id}/settings"),
        "webhooks": person.get(f"/tenants/{house.id}/webhooks/"),
        "report": person.get("/reservations/reports/bookings", **span),
    }
    assert {page.status_code for page in pages.values()} == {200}, pages
    return {name: page.json() for name, page in pages.items()}


@pytest.fixture(scope="module")
def move(
    installation: Installation, platform: Person, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Move]:
    folder = tmp_path_factory.mktemp("move")
    (folder / "phrase").write_text(PASSPHRASE)
    phrase = ("--passphrase-file", str(folder / "phrase"))
    with Installation({"RATE_LIMIT_ENABLED": "false"}) as there:
        house = new_house(installation, platform)
        house.open_always()
        resource = house.resource()
        assert house.book(house.owner, resource, START).status_code == 201
        hook = {"url": "https://hooks.invalid/", "event_types": ["role.created"]}
        assert house.owner.post(f"/tenants/{house.id}/webhooks/", hook).status_code == 201
        wait_until(lambda: _is_counted(house), 10)
        before = read(house.owner, house)
        file = folder / "house.tenant"
        out = slotstream(installation, "tenant", "export", house.slug, "--to", str(file),
                         "--suspend", *phrase)  # fmt: skip
        assert out.returncode == 0, out.stderr
        come = slotstream(there, "tenant", "import", str(file), *phrase)
        assert come.returncode == 0, come.stderr
        root = sign_in(there.base_url, None, there.admin_email, there.admin_password)
        assert root.post(f"/tenants/{house.id}/resume").status_code == 200
        wait_until(lambda: _lets_in(there, house), 10)
        urls = there.endpoints["redis"]
        yield Move(house, there, root, file, (out.stdout, come.stdout), before)
        close_clients(there.base_url, urls)


def _lets_in(there: Installation, house: House) -> bool:
    """Whether those who sign people in have heard that the tenant goes on."""
    body = {"tenant": house.slug, "email": f"owner@{house.slug}.example", "password": PASSWORD}
    return Person(there.base_url).post("/auth/token", body).status_code == 200


def _is_counted(house: House) -> bool:
    return bool(read(house.owner, house)["report"]["total"]["bookings"] == 1)


def test_it_is_there_as_it_was(move: Move) -> None:
    """The owner signs in with the same password, and sees the same bookings, rules and figures."""
    assert read(move.owner(), move.house) == move.before


def test_it_lives_on(move: Move) -> None:
    """A place that was taken still is; another is taken, and the event of that is the first that
    the other installation tells of a booking."""
    owner = move.owner()
    booked = move.before["bookings"]["items"][0]
    body = {"resource_id": booked["resource_id"], "starts_at": booked["starts_at"],
            "ends_at": booked["ends_at"]}  # fmt: skip
    assert owner.post("/reservations/bookings/", body).status_code == 409
    later = {**body, "starts_at": rfc(at(day_ahead(21), 10)), "ends_at": rfc(at(day_ahead(21), 11))}
    assert owner.post("/reservations/bookings/", later).status_code == 201
    moved = owner.post(f"/reservations/bookings/{booked['id']}/cancel", {"reason": "moved"})
    assert moved.status_code == 200, moved.text
    client = redis_client(move.there.endpoints["redis"])
    wait_until(lambda: _told(client, move.house.id) == ["booking.created", "booking.cancelled"], 10)


def _told(client: "redis.Redis", tenant_id: str) -> list[str]:
    entries: Any = client.xrange("reservation.events")
    return [
        fields[b"type"].decode()
        for _, fields in entries
        if fields[b"tenantid"].decode() == tenant_id
    ]


def test_where_it_was_it_is_suspended(move: Move, platform: Person) -> None:
    """Nobody signs in there, and its trail says that it was given out."""
    email = f"owner@{move.house.slug}.example"
    proof = {"tenant": move.house.slug, "email": email, "password": PASSWORD}
    assert Person(move.house.base_url).post("/auth/token", proof).status_code in (401, 403)
    assert "it is suspended" in move.said[0]
    assert _events_of_trail(platform) >= {"tenant.exported"}


def test_the_trail_goes_on(move: Move) -> None:
    """What was done there and that it came from there are in one trail."""
    wait_until(lambda: "tenant.imported" in _events_of_trail(move.owner()), 10)
    assert _events_of_trail(move.owner()) >= {
        "tenant.created",
        "booking.created",
        "tenant.imported",
    }
    wait_until(lambda: "tenant.imported" in _events_of_trail(move.platform), 10)


def _events_of_trail(person: Person) -> set[str]:
    whose = person.tenant_id or "00000000-0000-0000-0000-000000000000"
    items = person.get(f"/tenants/{whose}/audit/", limit=100).json()["items"]
    return {item["event_type"] for item in items}


def test_only_its_owner_reads_the_file(move: Move) -> None:
    """And not without the passphrase."""
    assert stat.S_IMODE(move.file.stat().st_mode) == 0o600
    content = move.file.read_bytes()
    assert move.house.slug.encode() not in content
    wrong = move.file.with_name("wrong")
    wrong.write_text("what nobody has said")
    words = ("tenant", "import", str(move.file), "--passphrase-file", str(wrong))
    refused = slotstream(move.there, *words)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "The passphrase is another one" in refused.stderr
