"""A dead letter as it stands on its context's stream, and which of them somebody means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import redis

from contracts.wire.codec import Malformed, decode
from contracts.wire.envelope import Envelope
from contracts.wire.streams import CONTEXTS, SUBSCRIBERS, dead_of

# Whoever serves or hears anything buries what it cannot handle.
BURYING = (*CONTEXTS, *SUBSCRIBERS)
# So many are held at a time; each may have more than a megabyte.
PAGE = 50
_RAW = b"raw."


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`raw` is the entry as it was read from `stream`, where it had the id `entry`."""

    context: str
    id: str
    reason: str
    detail: str
    stream: str
    group: str
    entry: str
    deliveries: int
    at_ms: int
    raw: Mapping[bytes, bytes]

    @property
    def name(self) -> str:
        """Ids are told apart on their own stream alone."""
        return f"{self.context}/{self.id}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    @property
    def is_event(self) -> bool:
        return self.stream.endswith(".events")

    @property
    def is_query(self) -> bool:
        return self.stream.endswith(".queries")

    def said(self, name: str) -> str:
        """A field of the raw entry, however wrong it is."""
        return self.raw.get(name.encode(), b"").decode(errors="replace")

    def envelope(self) -> Envelope | None:
        """The message that it is, None where it is none."""
        try:
            return decode(self.raw)
        except Malformed:
            return None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters are meant: all that fit everything that is said here. `names` are
    `context/id`; times are milliseconds, the second one is left out of the range."""

    contexts: Sequence[str] = BURYING
    types: Sequence[str] = ()
    tenant: str = ""
    reason: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    names: Sequence[str] = field(default_factory=tuple)

    @property
    def words(self) -> str:
        """What was asked for, as the audit trail says it."""
        told = {
            "context": "" if tuple(self.contexts) == BURYING else ",".join(self.contexts),
            "type": ",".join(self.types),
            "tenant": self.tenant,
            "reason": self.reason,
            "since": _instant(self.since_ms),
            "until": _instant(self.until_ms),
            "id": ",".join(self.names),
        }
        return " ".join(f"{name}={value}" for name, value in told.items() if value) or "all"

    def takes(self, letter: DeadLetter) -> bool:
        """Whether it is one of them; its stream and its age were looked at before."""
        return (
            (not self.types or letter.said("type") in self.types)
            and (not self.tenant or letter.said("tenantid").lower() == self.tenant.lower())
            and (not self.reason or letter.reason == self.reason)
            and (not self.names or letter.name in self.names)
        )


def letters(client: "redis.Redis", choice: Choice) -> Iterator[DeadLetter]:
    """Those that are meant, oldest first in each context; a page of them is held at a time."""
    last = "+" if choice.until_ms is None else f"({choice.until_ms}-0"
    for context in choice.contexts:
        after = "-" if choice.since_ms is None else f"{choice.since_ms}-0"
        while True:
            page = cast(
                list[tuple[bytes, dict[bytes, bytes]]],
                client.xrange(dead_of(context), after, last, count=PAGE),
            )
            for entry_id, fields in page:
                found = letter_of(context, entry_id.decode(), fields)
                if choice.takes(found):
                    yield found
            if len(page) < PAGE:
                break
            after = f"({page[-1][0].decode()}"


def letter_of(context: str, identity: str, fields: Mapping[bytes, bytes]) -> DeadLetter:
    """The dead letter that an entry of `{context}.dead` is."""

    def text(name: bytes) -> str:
        return fields.get(name, b"").decode(errors="replace")

    raw = {name[len(_RAW) :]: value for name, value in fields.items() if name.startswith(_RAW)}
    return DeadLetter(
        context=context,
        id=identity,
        reason=text(b"reason"),
        detail=text(b"detail"),
        stream=text(b"stream"),
        group=text(b"group"),
        entry=text(b"entry"),
        deliveries=int(text(b"deliveries") or 0),
        at_ms=int(text(b"at") or identity.partition("-")[0]),
        raw=raw,
    )


def as_document(letter: DeadLetter, *, payload: bool = False) -> dict[str, Any]:
    """What may be shown of it: of its fields those that are no more than an address on the
    envelope, unless the payload is asked for. What is sealed stays sealed."""
    shown = {name: letter.said(name) for name in HEADERS if name.encode() in letter.raw}
    document: dict[str, Any] = {
        "id": letter.name,
        "reason": letter.reason,
        "detail": letter.detail,
        "stream": letter.stream,
        "group": letter.group,
        "entry": letter.entry,
        "deliveries": letter.deliveries,
        "at": letter.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "is_message": letter.envelope() is not None,
        "headers": shown,
        "other_fields": {
            name.decode(errors="replace"): len(value)
            for name, value in letter.raw.items()
            if name.decode(errors="replace") not in HEADERS
        },
    }
    if payload:
        document["payload"] = {
            name.decode(errors="replace"): value.decode(errors="replace")
            for name, value in letter.raw.items()
            if name.decode(errors="replace") not in HEADERS
        }
    return document


# The fields of a message that name things and say nothing.
HEADERS = (
    *("specversion", "id", "type", "source", "subject", "time", "tenantid", "correlationid"),
    *("causationid", "traceparent", "dataschema", "ttlms", "replyto", "sequence", "channel"),
)


def _instant(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
