"""`python -m ops.redis <file>`: the list of users for a Redis that an installation brings along.

From the environment: REDIS_ADMINISTRATOR_PASSWORD, REDIS_PASSWORD (that of our own processes), and
for the internal systems of INGRESS_PUBLISHERS the JSON object REDIS_PUBLISHER_PASSWORDS, from name
to password. Redis reads the list when it starts, and at ACL LOAD.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.errors import StartupError
from ops.keys import write_privately
from ops.production import SHORTEST_SECRET_KEY, is_guessable
from ops.redis.users import RedisPasswords, access_list, everywhere
from ops.settings import Settings, environment_of

# Redis runs as another user; what stands there are digests of long random passwords.
READABLE = 0o644


def passwords_of(environment: Mapping[str, str], settings: Settings) -> RedisPasswords:
    """The passwords that the environment gives. Raises StartupError for what is missing or weak."""
    given = _publisher_passwords(environment.get("REDIS_PUBLISHER_PASSWORDS", ""))
    publishers = {}
    for publisher in settings.publishers:
        if publisher.name not in given:
            raise StartupError(f"REDIS_PUBLISHER_PASSWORDS has no password for {publisher.name}.")
        where = f"The password of {publisher.name} in REDIS_PUBLISHER_PASSWORDS"
        publishers[publisher.name] = _strong(where, given[publisher.name])
    if unknown := set(given) - set(publishers):
        raise StartupError(
            f"REDIS_PUBLISHER_PASSWORDS names {', '.join(sorted(unknown))}, "
            "which INGRESS_PUBLISHERS does not."
        )
    administrator, own = (
        _strong(name, environment.get(name, ""))
        for name in ("REDIS_ADMINISTRATOR_PASSWORD", "REDIS_PASSWORD")
    )
    return RedisPasswords(
        administrator=administrator,
        slotstream=own,
        publishers=publishers,
        everywhere=everywhere(settings.publishers),
    )


def _publisher_passwords(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError as wrong:
        raise StartupError(
            f"REDIS_PUBLISHER_PASSWORDS is not JSON ({wrong.msg} at character {wrong.pos})."
        ) from wrong
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise StartupError("REDIS_PUBLISHER_PASSWORDS is no object from names to passwords.")
    return found


def _strong(what: str, password: str) -> str:
    """What a digest can stand for in a file: nobody finds a long random one by trying."""
    if len(password) < SHORTEST_SECRET_KEY or is_guessable(password):
        raise StartupError(f"{what} needs at least {SHORTEST_SECRET_KEY} random characters.")
    return password


def main(arguments: list[str]) -> int:
    """The exit status."""
    if len(arguments) != 1:
        print("usage: python -m ops.redis <file>", file=sys.stderr)
        return 2
    try:
        environment = environment_of(dict(os.environ))
        passwords = passwords_of(environment, Settings.read(environment))
        write_privately(Path(arguments[0]), access_list(passwords).encode(), mode=READABLE)
    except StartupError as wrong:
        print(f"slotstream: {wrong.sentence}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
