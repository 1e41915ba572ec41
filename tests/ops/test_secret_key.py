"""The installation's secret key is changed, and what it sealed can still be opened."""

from typing import Any

from tests.e2e.house import Person, close_clients, new_house, sign_in
from tests.installation import READY_SECONDS, Installation
from tests.waiting import wait_until

BEFORE = "the first key of this installation: 4f1c"
AFTER = "the second key of this installation: 9b2e"


def outcome(person: Person, place: str) -> dict[str, Any]:
    """What became of a command, once that is known."""

    def known() -> dict[str, Any] | None:
        found = person.get(place).json()
        return found if found["state"] == "succeeded" else None

    found = wait_until(known, READY_SECONDS)
    assert found is not None
    return found


def test_what_the_old_key_sealed_is_opened_after_a_change() -> None:
    """With the key before named as previous, an outcome that was sealed with it can be asked for;
    whoever was signed in still is; and the roles of the databases have their new passwords."""
    told = {"RATE_LIMIT_ENABLED": "false", "SECRET_KEY": BEFORE}
    with Installation(told) as installation:
        url = installation.base_url
        admin = sign_in(url, None, installation.admin_email, installation.admin_password)
        house = new_house(installation, admin)
        body = {"name": "till", "scopes": ["resource:read"]}
        asked = house.owner.post("/auth/api-keys/", body, prefer="respond-async")
        place = asked.headers["location"]
        assert outcome(house.owner, place)["body"]["key"].startswith("sk_")

        assert installation.stop() == 0
        installation.environment |= {"SECRET_KEY": AFTER, "SECRET_KEY_PREVIOUS": BEFORE}
        installation.start()
        kept = outcome(house.owner, place)
        assert kept["body"]["key"].startswith("sk_")
        made = house.owner.post("/resources/", {"name": "A", "kind": "space"})
        assert made.status_code == 201
        close_clients(url, installation.endpoints["redis"])
