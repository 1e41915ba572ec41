"""The access control list of one installation, filled in from `users.acl`."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ops.settings import Publisher

# What happens in all tenants.
EVENTS = " %R~*.events"
TEMPLATE = Path(__file__).with_name("users.acl")


@dataclass(frozen=True, slots=True)
class RedisPasswords:
    """What each user signs in with; the list itself holds only their SHA-256. Publishers that
    are `everywhere` act for every tenant."""

    administrator: str
    slotstream: str
    publishers: Mapping[str, str]
    everywhere: frozenset[str] = frozenset()


def everywhere(publishers: Iterable[Publisher]) -> frozenset[str]:
    """Which may act for every tenant, and so read what happens in all of them."""
    return frozenset(one.name for one in publishers if "*" in one.tenants)


def access_list(passwords: RedisPasswords) -> str:
    """The list as the server reads it: one line for each user, one for each publisher."""
    lines: list[str] = []
    for line in TEMPLATE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if "${name}" not in line:
            lines.append(
                Template(line).substitute(
                    administrator=_digest(passwords.administrator),
                    slotstream=_digest(passwords.slotstream),
                )
            )
            continue
        lines += [
            Template(line).substitute(
                name=name,
                publisher=_digest(password),
                events=EVENTS if name in passwords.everywhere else "",
            )
            for name, password in passwords.publishers.items()
        ]
    return "\n".join(lines) + "\n"


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
