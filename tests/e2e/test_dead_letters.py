"""Dead letters of a running installation, by the command line beside it."""

import json
import subprocess
import sys
from typing import Any

from handlers.delivery.dead_letters import dead_letter_steps
from handlers.delivery.entries import Entry
from handlers.delivery.writer import acknowledgement
from tests.e2e.house import House, Person, at, day_ahead, redis_client
from tests.installation import ROOT, Installation
from tests.waiting import wait_until

PLATFORM = "00000000-0000-0000-0000-000000000000"


def letters(installation: Installation, *words: str) -> list[str]:
    """What `dead-letters` says, line by line."""
    done = subprocess.run(
        (sys.executable, "-m", "ops", "dead-letters", *words),
        cwd=ROOT,
        env=installation.told(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_was_given_up_is_taken_up_again(
    installation: Installation, house: House, platform: Person
) -> None:
    """A booking's event goes once more to the group that gave it up, and to no other; the running
    subscriber takes it, and the platform's trail says who had it do so."""
    client = redis_client(installation.endpoints["redis"])
    house.open_always()
    answer = house.book(house.owner, house.resource(), at(day_ahead(), 9))
    subject = f"booking/{answer.json()['id']}".encode()

    def event() -> Any:
        entries: Any = client.xrevrange("reservation.events")
        return next((one for one in entries if one[1][b"subject"] == subject), None)

    entry_id, fields = wait_until(event, 10)
    wait_until(lambda: not pending(client, "webhook"), 10)
    given_up = Entry("reservation.events", "webhook", entry_id.decode(), fields, 6)
    keep, _ = dead_letter_steps(given_up, "too_many_deliveries", "webhook", 0)
    client.execute_command(*keep)
    client.execute_command(*acknowledgement(given_up))
    mine = ("--tenant", house.id)
    (line,) = letters(installation, "list", *mine, "--json")
    assert json.loads(line)["group"] == "webhook"

    before = consumers(client)
    assert letters(installation, "replay", *mine)[-1] == "1 sent"
    wait_until(lambda: consumers(client) - before == {("webhook", "dead-letters")}, 10)
    wait_until(lambda: not pending(client, "webhook"), 20)
    assert not letters(installation, "list", *mine, "--json")
    wait_until(lambda: "dead_letters.replayed" in trail(platform), 10)


def pending(client: Any, group: str) -> int:
    return int(client.xpending("reservation.events", group)["pending"])


def consumers(client: Any) -> set[tuple[str, str]]:
    """Who was ever given an event, of each group."""
    found = set()
    for group in client.xinfo_groups("reservation.events"):
        name = group["name"].decode()
        of_group = client.xinfo_consumers("reservation.events", name)
        found |= {(name, one["name"].decode()) for one in of_group}
    return found


def trail(person: Person) -> set[str]:
    """What the platform's trail has, newest first."""
    answer = person.get(f"/tenants/{PLATFORM}/audit/", limit=100)
    return {item["event_type"] for item in answer.json()["items"]}
