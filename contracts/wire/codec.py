"""The only codec between an envelope and the flat fields of a stream entry."""

import re
from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

import orjson

from contracts.wire.envelope import ANONYMOUS, Actor, ActorKind, Envelope
from contracts.wire.streams import INSTANCE

# A body of 1 MiB whose every byte is in a secret field is a third longer once it is sealed.
MAX_BYTES = 1_600_000
INGRESS_MAX_BYTES = 1_150_000
# A reply is our own: two months of five-minute slots, or a year of bookings with their notes.
REPLY_MAX_BYTES = 16 * 1024 * 1024
TYPE = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}$")
_KINDS = frozenset(get_args(ActorKind))
_TEXTS = (
    ("subject", "subject", 300),
    ("time", "time", 64),
    ("correlationid", "correlation_id", 128),
    ("causationid", "causation_id", 128),
    ("traceparent", "traceparent", 64),
    ("dataschema", "dataschema", 200),
    ("fingerprint", "fingerprint", 128),
    ("source", "source", 200),
    ("channel", "channel", 20),
    ("clientaddress", "address", 300),
)


class Malformed(ValueError):
    """This entry is not a message; `code` says what is wrong with it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def encode(envelope: Envelope) -> dict[str, str | bytes]:
    """The flat fields of one entry; fields that say nothing are left out."""
    fields: dict[str, str | bytes] = {
        "specversion": "1.0",
        "id": str(envelope.id),
        "type": envelope.type,
        "source": envelope.source,
    }
    for name, attribute, _ in _TEXTS:
        value = getattr(envelope, attribute)
        if value:
            fields[name] = value
    if envelope.tenant_id is not None:
        fields["tenantid"] = str(envelope.tenant_id)
    if envelope.actor is not ANONYMOUS:
        fields["actor"] = envelope.actor.to_json()
    if envelope.ttl_ms is not None:
        fields["ttlms"] = str(envelope.ttl_ms)
    if envelope.reply_to:
        fields["replyto"] = envelope.reply_to
    if envelope.sequence is not None:
        fields["sequence"] = str(envelope.sequence)
    fields["data"] = envelope.data
    return fields


def decode(raw: Mapping[Any, Any], most_bytes: int = MAX_BYTES) -> Envelope:
    """The envelope of an entry; raises Malformed and nothing else, whatever the entry holds."""
    fields = _texts(raw, most_bytes)
    if fields.get("specversion") != "1.0":
        raise Malformed("invalid_specversion", "specversion must be 1.0")
    kind = fields.get("type", "")
    if len(kind) > 100 or not TYPE.fullmatch(kind):
        raise Malformed("invalid_type", "type is missing or not a dotted name")
    reply_to = fields.get("replyto", "")
    if reply_to and not INSTANCE.fullmatch(reply_to):
        raise Malformed("invalid_replyto", "replyto is not an instance name")
    identity = _uuid(fields, "id")
    if identity is None:
        raise Malformed("missing_field", "id is required")
    texts = {}
    for name, attribute, longest in _TEXTS:
        value = fields.get(name, "")
        if len(value) > longest:
            raise Malformed("field_too_long", f"{name} is longer than {longest} characters")
        texts[attribute] = value
    return Envelope(
        id=identity,
        type=kind,
        data=fields["data"].encode() if "data" in fields else b"{}",
        tenant_id=_uuid(fields, "tenantid"),
        actor=_actor(fields.get("actor")),
        ttl_ms=_number(fields, "ttlms", 0, 31 * 86_400_000),
        reply_to=reply_to,
        sequence=_number(fields, "sequence", 1, 2**62),
        **texts,
    )


def _texts(raw: Mapping[Any, Any], most_bytes: int) -> dict[str, str]:
    total = 0
    fields: dict[str, str] = {}
    for key, value in raw.items():
        total += len(key) + len(value)
        if total > most_bytes:
            raise Malformed("too_large", f"an entry may hold {most_bytes} bytes")
        try:
            name = key.decode() if isinstance(key, bytes) else str(key)
            text = value.decode() if isinstance(value, bytes) else str(value)
        except UnicodeDecodeError:
            raise Malformed("invalid_utf8", "fields must be UTF-8") from None
        if "\x00" in text:
            raise Malformed("control_character", "NUL is not accepted")
        fields[name] = text
    return fields


def _uuid(fields: Mapping[str, str], name: str) -> UUID | None:
    text = fields.get(name, "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Malformed(f"invalid_{name}", f"{name} must be a UUID") from None


def _number(fields: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = fields.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise Malformed(f"invalid_{name}", f"{name} must be a whole number")
    number = int(text)
    if not least <= number <= most:
        raise Malformed(f"invalid_{name}", f"{name} must be {least} to {most}")
    return number


def _actor(text: str | None) -> Actor:
    if not text:
        return ANONYMOUS
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Malformed("invalid_actor", "actor must be JSON") from None
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Malformed("invalid_actor", "actor must be an object with a known kind")
    roles, permissions = document.get("roles", []), document.get("permissions", [])
    identity = document.get("id")
    for names in (roles, permissions):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Malformed("invalid_actor", "roles and permissions must be lists of strings")
    session = document.get("session")
    for name in (identity, session):
        if name is not None and not isinstance(name, str):
            raise Malformed("invalid_actor", "the actor's id and session must be strings")
    return Actor(document["kind"], identity, tuple(roles), frozenset(permissions), session)
