"""The ingress worker: what internal systems publish, checked, stamped and sent on.

Each publisher has a stream of its own, which it alone can write, wipe or brick. What it claims to
be is not believed: source and actor are stamped here.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.wire.codec import INGRESS_MAX_BYTES, Malformed, decode, encode
from contracts.wire.envelope import INGRESS, Actor, Envelope, dataschema_of
from contracts.wire.identity import derived_key, fingerprint
from contracts.wire.noticing import Noticed
from contracts.wire.problems import Problem
from contracts.wire.reply import refusal
from contracts.wire.sealing import Keyring, seal_fields, sealed_paths
from contracts.wire.streams import (
    OPERATION_KEPT_MS,
    commands_of,
    operation_key,
    queries_of,
)
from contracts.wire.strict import Command, Message, rfc3339
from handlers.delivery.dead_letters import MAX_DELIVERIES, reject_steps
from handlers.delivery.entries import Entry
from handlers.delivery.redis_clock import RedisClock, entry_ms
from handlers.delivery.trail import Trail
from handlers.delivery.writer import Step, Writer, acknowledgement, flat
from journal.bearings import ends_as
from journal.messages import Working, sent
from journal.notes import note
from journal.spans import begun

DEFAULT_TTL_MS = 86_400_000
GROUP = "ingress"


class Publisher(BaseModel):
    """What an internal system may send: message types and tenants, `*` for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    tenants: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def may_send(self, message_type: str) -> bool:
        return "*" in self.types or message_type in self.types

    def serves(self, tenant_id: UUID) -> bool:
        return "*" in self.tenants or str(tenant_id) in self.tenants


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry is not sent on."""

    code: str
    detail: str


def publishers_of(text: str, environment: str) -> tuple[Publisher, ...]:
    """INGRESS_PUBLISHERS as JSON; in development there is `demo`, which may send everything."""
    given = TypeAdapter(tuple[Publisher, ...]).validate_json(text) if text else ()
    if environment == "development" and all(one.name != "demo" for one in given):
        given = (*given, Publisher(name="demo", tenants=("*",), types=("*",)))
    return given


class IngressWorker:
    """Takes the entries of one publisher's stream."""

    def __init__(
        self,
        publisher: Publisher,
        types: Mapping[str, type[Message]],
        writer: Writer,
        clock: RedisClock,
        keyring: Keyring,
        secret: str,
        trail: Trail,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._publisher = publisher
        self._types = types
        self._writer = writer
        self._clock = clock
        self._keyring = keyring
        self._trail = trail
        # Told of each entry what became of it: `forwarded`, or why it was refused.
        self._count = count
        self._fingerprint_key = derived_key(secret, "fingerprint")
        self._actor = Actor(
            kind="service",
            id=publisher.name,
            roles=("service",),
            permissions=frozenset(
                permission
                for name, message in types.items()
                if publisher.may_send(name)
                for permission in message.permissions
                if permission not in ("*", "tenant:create", "tenant:suspend")
            ),
        )

    async def take(self, entry: Entry) -> None:
        """Afterwards the entry is sent on under the publisher's own id, or recorded as refused and
        answered if that can be; either way it is acknowledged in the same step."""
        now_ms = await self._clock.now_ms()
        try:
            envelope = decode(entry.fields, INGRESS_MAX_BYTES)
        except Malformed as bad:
            await self._refuse(entry, None, Refusal(bad.code, bad.detail), now_ms)
            return
        with Working(entry.stream, GROUP, envelope, entry.deliveries):
            await self._work(entry, envelope, now_ms)

    async def _work(self, entry: Entry, envelope: Envelope, now_ms: int) -> None:
        refusal_found = self._checked(entry, envelope)
        if refusal_found is not None:
            await self._refuse(entry, envelope, refusal_found, now_ms)
            return
        message = self._types[envelope.type]
        of = commands_of if issubclass(message, Command) else queries_of
        stamped = self._stamped(entry, envelope, message, now_ms)
        stream = of(message.context)
        sent(stream, stamped)
        add: Step = ("XADD", stream, "*", *flat(encode(stamped)))
        remembered = [_operation(stamped, message)] if issubclass(message, Command) else []
        await self._writer.put(*remembered, add, acknowledgement(entry))
        self._count("forwarded")

    def _checked(self, entry: Entry, envelope: Envelope) -> Refusal | None:
        if not _is_for_publishers(self._types.get(envelope.type)):
            return Refusal("unknown_type", f"{envelope.type} is not known")
        if not self._publisher.may_send(envelope.type):
            return Refusal("type_not_allowed", f"{envelope.type} is not this publisher's to send")
        if envelope.tenant_id is None:
            return Refusal("missing_field", "tenantid is required")
        if not self._publisher.serves(envelope.tenant_id):
            return Refusal("tenant_not_allowed", "this tenant is not this publisher's")
        if b"data" not in entry.fields:
            return Refusal("missing_field", "data is required")
        unfit = _unfit(envelope.data, self._types[envelope.type].secret_fields)
        if unfit is None and entry.deliveries > MAX_DELIVERIES:
            return Refusal("too_many_deliveries", "")
        return unfit

    def _stamped(
        self, entry: Entry, envelope: Envelope, message: type[Message], now_ms: int
    ) -> Envelope:
        """The deadline stays the original one: what is left of it counts from the new entry. A
        publisher may name its entry's id, so one of the future gives no longer life."""
        ttl = DEFAULT_TTL_MS if envelope.ttl_ms is None else envelope.ttl_ms
        left = min(max(entry_ms(entry.id) + ttl - now_ms, 0), ttl)
        return envelope.with_fields(
            source=f"ingress/{self._publisher.name}",
            subject=_subject(envelope),
            actor=self._actor,
            reply_to=f"ingress.{self._publisher.name}",
            ttl_ms=left,
            correlation_id=envelope.correlation_id or str(envelope.id),
            traceparent=begun(envelope.traceparent),
            dataschema=dataschema_of(envelope.type),
            fingerprint=fingerprint(self._fingerprint_key, envelope.type.encode(), envelope.data),
            data=seal_fields(envelope.data, message.secret_fields, self._keyring),
            channel=INGRESS,
            address="",
        )

    async def _refuse(
        self, entry: Entry, envelope: Envelope | None, why: Refusal, now_ms: int
    ) -> None:
        name = self._publisher.name
        note(logging.WARNING, "publisher's entry refused", publisher=name, reason=why.code)
        ends_as("refused", why.code)
        steps = reject_steps(entry, name, why.code, why.detail, now_ms)
        asked = envelope or _answerable(entry)
        if asked is not None:
            asked = asked.with_fields(reply_to=f"ingress.{name}")
            code = "forbidden" if why.code.endswith("_not_allowed") else "validation_failed"
            problem = Problem(code=code, detail=why.detail, extra={"reason": why.code})
            data = refusal(problem, asked.trace_id).encode()
            steps = self._writer.reply_steps(asked, data, now_ms) + steps
        if envelope is not None and why.code.endswith("_not_allowed"):
            steps += self._trail.steps(self._noticed(envelope, why, now_ms))
        await self._writer.put(*steps)
        self._count(why.code)

    def _noticed(self, envelope: Envelope, why: Refusal, now_ms: int) -> Noticed:
        """What it may not send for a tenant of its own stands in that one's trail; that it named
        another's is for the platform to see. What it says of itself is left out."""
        tenant_id = envelope.tenant_id
        own = tenant_id is not None and self._publisher.serves(tenant_id)
        return Noticed(
            event_type="permission.refused",
            tenant_id=tenant_id if own else None,
            actor=self._actor,
            at=rfc3339(datetime.fromtimestamp(now_ms / 1000, UTC)),
            subject="" if own or tenant_id is None else f"tenant/{tenant_id}",
            operation=envelope.type,
            reason=why.code,
            channel=INGRESS,
            correlation_id=str(envelope.id),
            causation_id=str(envelope.id),
        )


def _unfit(data: bytes, secret_fields: tuple[str, ...]) -> Refusal | None:
    """Why the body is none."""
    try:
        document = json.loads(data, object_pairs_hook=_without_repeats)
        # Stricter about what JSON is: no byte order mark, no other encoding, no NaN.
        again = orjson.loads(data)
    except (ValueError, RecursionError):
        return Refusal("malformed_json", "data is not JSON, or says a key twice")
    if not isinstance(document, dict):
        return Refusal("malformed_json", "data is not an object")
    try:
        orjson.dumps(again)
    except orjson.JSONEncodeError:
        return Refusal("malformed_json", "data is nested too deeply")
    sealed = sealed_paths(data, secret_fields)
    if sealed:
        # It would be opened on the way, and answered in the open: another's, for instance.
        return Refusal("sealed_value", f"{sealed[0]} begins as what is sealed does")
    return None


def _is_for_publishers(message: type[Message] | None) -> bool:
    """What only we say is not, nor what is said before signing in: that would reach any tenant, and
    guess as often as it likes."""
    return (
        message is not None
        and bool(message.context)
        and "*" not in message.permissions
        and not message.before_sign_in
    )


def _subject(envelope: Envelope) -> str:
    """What the message is about, by its own words: what the entry says beside them may be wrong."""
    kind = envelope.type.partition(".")[0]
    document = orjson.loads(envelope.data)
    try:
        return f"{kind}/{UUID(document.get(f'{kind}_id') or document.get('id'))}"
    except (ValueError, TypeError, AttributeError):
        return ""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Parsers disagree about a key that is said twice, so it is not accepted."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is said twice")
    return found


def _operation(sent: Envelope, message: type[Message]) -> Step:
    """What lets the publisher ask for the outcome before there is one; as the gateway leaves it."""
    told = {
        "tenant": str(sent.tenant_id),
        "actor": sent.actor.label,
        "ttlms": sent.ttl_ms,
        "context": message.context,
        "fingerprint": sent.fingerprint,
    }
    return ("SET", operation_key(sent.id), orjson.dumps(told), "PX", OPERATION_KEPT_MS)


def _answerable(entry: Entry) -> Envelope | None:
    """Enough of a malformed entry to answer it: its id, where that is one."""
    try:
        identity = UUID(entry.fields.get(b"id", b"").decode())
    except (ValueError, UnicodeDecodeError):
        return None
    return Envelope(id=identity, type="", source="", data=b"")
