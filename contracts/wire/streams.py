"""The names of streams, groups and keys in Redis, and the patterns that guard them."""

import re
from uuid import UUID

CONTEXTS = ("tenant", "resource", "user", "reservation")
# What may have a process of its own: of what is decided, and of what follows from it.
HANDLED = (*CONTEXTS, "ingress")
SUBSCRIBERS = ("audit", "notification", "webhook", "billing", "report")
# Who publishes events, and in which database their outbox is.
PUBLISHING = {**{context: context for context in CONTEXTS}, "webhook": "subscriber"}
# Whose events stand on another's stream: an outbox has one, and the subscribers have one outbox.
PUBLISHED_WITH = {"notification": "webhook"}
# Of which contexts the outcome of a command can be asked for.
CARRYING_OUT = (*PUBLISHING, *PUBLISHED_WITH)
INSTANCE = re.compile(r"^[a-z0-9][a-z0-9.-]{0,63}$")


def commands_of(context: str) -> str:
    return f"{context}.commands"


def queries_of(context: str) -> str:
    return f"{context}.queries"


def events_of(context: str) -> str:
    return f"{context}.events"


def outgoing_events_of(context: str) -> str:
    """The stream that a context's own events stand on."""
    return events_of(PUBLISHED_WITH.get(context, context))


def dead_of(context: str) -> str:
    return f"{context}.dead"


def replies_to(instance: str) -> str:
    """The reply stream of a gateway or worker; `instance` was checked against INSTANCE."""
    return f"replies.{instance}"


def ingress_of(publisher: str) -> str:
    return f"ingress.{publisher}"


def rejects_of(publisher: str) -> str:
    return f"reject.{publisher}"


# How long an outcome can be asked for. The key below is set with this time to live, so the time
# since it was set, by Redis's own clock, is OPERATION_KEPT_MS - PTTL: that against its `ttlms`
# says whether the deadline has passed, and no host's clock takes part.
OPERATION_KEPT_MS = 14 * 86_400_000


def operation_key(command_id: UUID) -> str:
    """Where the sender of a command leaves `{tenant, actor, ttlms, context}` (JSON) beside it."""
    return f"op:{command_id}"


def known_key(tenant_id: UUID, kind: str, object_id: UUID) -> str:
    """The cache entry of what one context must know of another; the tenant leads."""
    return f"known:{tenant_id}:{kind}:{object_id}"
