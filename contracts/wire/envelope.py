"""The envelope: one stream entry is one message, flat fields in CloudEvents 1.0 names."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

import orjson

from contracts.wire.tracing import trace_id_of

ActorKind = Literal["user", "platform", "service", "system", "anonymous"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `permissions` are those held in the envelope's tenant; `session` is the
    sign-in that a person's token came of."""

    kind: ActorKind
    id: str | None = None
    roles: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    session: str | None = None

    def may(self, *permissions: str) -> bool:
        """True when any one of the permissions is held; `*`, which only the system has, is all."""
        return "*" in self.permissions or any(name in self.permissions for name in permissions)

    def is_user(self, user_id: UUID | None) -> bool:
        return self.kind in ("user", "platform") and user_id is not None and self.id == str(user_id)

    @property
    def label(self) -> str:
        """`kind:id`, as it stands in `created_by`, history and audit."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    def to_json(self) -> str:
        document = {
            "kind": self.kind,
            "id": self.id,
            "roles": self.roles,
            "permissions": sorted(self.permissions),
        }
        if self.session is not None:
            document["session"] = self.session
        return orjson.dumps(document).decode()


# The one role of a `service` that is a machine's key; its id is the key's.
KEY_ROLE = "api_key"

# The ways that requests come in; what comes by none of them is the platform's own doing.
HTTP, INGRESS, TOOL = "http", "ingress", "tool"

SYSTEM = Actor(kind="system", id="slotstream", permissions=frozenset({"*"}))
ANONYMOUS = Actor(kind="anonymous")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message. `data` is the JSON body as bytes, decoded where it is used and only there.

    `ttl_ms` counts from the entry's own id in its stream; `fingerprint` is the HMAC of the request
    that the command came from; `sequence` is the version of the object that an event is about.
    `channel` is the way that the request behind it came in, and `address` the client's where that
    way has one: sealed, for the audit trail and for nobody else.
    """

    id: UUID
    type: str
    source: str
    data: bytes
    subject: str = ""
    time: str = ""
    tenant_id: UUID | None = None
    actor: Actor = ANONYMOUS
    correlation_id: str = ""
    causation_id: str = ""
    traceparent: str = ""
    dataschema: str = ""
    ttl_ms: int | None = None
    reply_to: str = ""
    sequence: int | None = None
    fingerprint: str = ""
    channel: str = ""
    address: str = ""

    @property
    def trace_id(self) -> str:
        """The W3C trace id, or the correlation id without hyphens where there is no traceparent."""
        return trace_id_of(self.traceparent) or self.correlation_id.replace("-", "")

    def with_fields(self, **fields: object) -> "Envelope":
        return replace(self, **fields)  # type: ignore[arg-type]  # names are checked by replace


def dataschema_of(message_type: str, version: int = 1) -> str:
    return f"urn:slotstream:{message_type}:{version}"
