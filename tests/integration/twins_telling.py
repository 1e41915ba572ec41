"""What is told of a message: its reply and its events, apart from what differs by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import orjson

from contracts.wire.envelope import ANONYMOUS, SYSTEM, Actor
from contracts.wire.reply import Reply
from tests.integration.twins_seeds import Seed, places, replaced
from tests.integration.twins_street import OUTBOXES, Street
from tests.integration.twins_tenants import PLATFORM, Twin

Path = tuple[str | int, ...]
_BY_ITSELF = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?"), "<at>"),
    (re.compile(r"\bword \d+"), "<name>"),
    (re.compile(r"\b\w+@people\.example"), "<address>"),
    (re.compile(r"\bnew-\w+"), "<slug>"),
    (re.compile(r"\bsealed[\w:.=-]+"), "<sealed>"),
    (re.compile(r'"(version|sequence|rules_version|high)":\d+'), r'"\1":0'),
    (re.compile(r"The version is \d+"), "The version is 0"),
    (
        re.compile(r'"(next_cursor|key|prefix|secret|access_token|refresh_token|slug)":"[^"]+"'),
        r'"\1":""',
    ),
)


@dataclass(frozen=True)
class Place:
    """A place in a tenant's message, where a word of its own stands."""

    seed: Seed
    path: Path
    name: str

    @property
    def dotted(self) -> str:
        """By the names of fields alone, as schemas have it."""
        return ".".join(step for step in self.path if isinstance(step, str))


def fresh(twin: Twin, seed: Seed) -> Twin:
    """The tenant with words that name nothing yet, for what a message makes."""
    return replace(twin, words=twin.words | {name: str(uuid4()) for name in seed.new})


def places_of(seed: Seed, twin: Twin) -> list[Place]:
    known = fresh(twin, seed)
    return [Place(seed, path, name) for path, name in places(seed.fields(known), known.words)]


def with_word(place: Place, twin: Twin, word: str) -> dict[str, Any]:
    """The tenant's message with this word in the place of its own."""
    known = fresh(twin, place.seed)
    fields: dict[str, Any] = replaced(
        place.seed.fields(known), place.path, known.words[place.name], word
    )
    return fields


def sender(seed: Seed, twin: Twin) -> tuple[UUID | None, Actor]:
    """In which tenant a message is sent, and by whom."""
    return {
        "owner": (twin.id, twin.owner),
        "system": (twin.id, SYSTEM),
        "stranger": (None, ANONYMOUS),
        "platform": (None, PLATFORM),
        "installation": (None, SYSTEM),
    }[seed.by]


def reply_text(reply: Reply) -> str:
    document = {"status": reply.status, "body": reply.body, "problem": reply.problem}
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()


def betrays(text: str, twin: Twin, word: str) -> bool:
    """Whether the text says anything of the twin: its canary, or an id that was not put in."""
    ids = {one for one in twin.words.values() if one.count("-") == 4} - {word}
    return twin.canary in text or any(one in text for one in ids)


def plain(text: str, word: str) -> str:
    """The text apart from the word that was put in, and from ids, times and numbers."""
    text = text.replace(word, "<it>")
    for pattern, instead in _BY_ITSELF:
        text = pattern.sub(instead, text)
    return text.replace('"<it>"', '"<id>"')


async def left(street: Street, since: Mapping[str, int]) -> list[tuple[UUID, str]]:
    """What left since then: whose it is, and all that it says."""
    found = []
    for context in OUTBOXES:
        rows = await street.rows(
            context,
            "SELECT tenant_id, fields FROM outbox WHERE id > :since ORDER BY id",
            since=since[context],
        )
        found += [(row[0], _said(row[1])) for row in rows]
    return found


def _said(fields: dict[str, str]) -> str:
    """What an entry says, its own ids and traces left out."""
    document: dict[str, Any] = {
        name: fields[name] for name in ("type", "subject", "tenantid") if name in fields
    }
    document["data"] = orjson.loads(fields["data"])
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
