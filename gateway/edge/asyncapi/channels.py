"""Every stream as a channel: what stands on it, who writes it, and which groups read it."""

from dataclasses import dataclass
from typing import Literal

from contracts.wire.streams import (
    CONTEXTS,
    PUBLISHED_WITH,
    PUBLISHING,
    SUBSCRIBERS,
    commands_of,
    dead_of,
    events_of,
    ingress_of,
    queries_of,
    rejects_of,
    replies_to,
)

Kind = Literal["commands", "queries", "events", "ingress", "replies", "dead", "rejects"]
_PUBLISHER, _INSTANCE, _CONTEXT = "{publisher}", "{instance}", "{context}"


@dataclass(frozen=True, slots=True)
class Channel:
    """`contexts` are those whose messages stand there; `writers` are processes of ours, or an
    internal system; `groups` are the consumer groups, and without any it is read by whoever knows
    its name."""

    key: str
    address: str
    kind: Kind
    about: str
    writers: tuple[str, ...]
    groups: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()


_OF_CONTEXTS = {
    "commands": ("gateway", "ingress", "relay", "timers"),
    "queries": ("gateway", "ingress", "handlers"),
}
# Who writes to a subscriber's commands and queries alike.
_OF_SUBSCRIBERS = {
    "audit": ("gateway", "handlers", "relay", "ingress", "tools"),
    "notification": ("relay", "gateway", "ingress"),
    "webhook": ("gateway", "ingress"),
    "report": ("gateway", "ingress", "subscriber"),
    "billing": ("gateway", "ingress"),
}
_EVENT_GROUPS = {
    "tenant": (
        *("audit", "billing", "kafka", "report", "reservation-known", "user-directory"),
        "webhook",
    ),
    "resource": (
        *("audit", "billing", "kafka", "report", "reservation-known", "waitlist"),
        "webhook",
    ),
    "user": ("audit", "kafka", "notification", "reservation-known", "webhook"),
    "reservation": (
        *("audit", "billing", "kafka", "notification", "report", "waitlist"),
        "webhook",
    ),
    "webhook": ("audit", "kafka", "webhook"),
}


def _working(context: str, kind: Literal["commands", "queries"]) -> Channel:
    address = commands_of(context) if kind == "commands" else queries_of(context)
    writers = _OF_SUBSCRIBERS.get(context, _OF_CONTEXTS[kind])
    about = {
        "commands": f"What `{context}` is to do.",
        "queries": f"What `{context}` is asked; reads never queue behind writes.",
    }[kind]
    key = f"{context}{kind.capitalize()}"
    return Channel(key, address, kind, about, writers, (context,), (context,))


def _telling(context: str) -> Channel:
    others = tuple(one for one, stream in PUBLISHED_WITH.items() if stream == context)
    about = (
        f"What has happened in `{context}`, in order: ids are `<number>-0`, and the same when an"
        " event is published again. Kept `EVENT_RETENTION_DAYS`, and until every group has read it."
    )
    return Channel(
        f"{context}Events",
        events_of(context),
        "events",
        about,
        ("relay",),
        _EVENT_GROUPS[context],
        (context, *others),
    )


CHANNELS: tuple[Channel, ...] = (
    *(_working(name, "commands") for name in (*CONTEXTS, *SUBSCRIBERS)),
    *(_working(name, "queries") for name in (*CONTEXTS, *SUBSCRIBERS)),
    *(_telling(name) for name in PUBLISHING),
    Channel(
        "ingress",
        ingress_of(_PUBLISHER),
        "ingress",
        "Commands and queries of one internal system, which alone may write here: those that"
        " `INGRESS_PUBLISHERS` lets it send, for the tenants that it is let send them for. They are"
        " passed on to their context's stream, with `source`, `actor` and `replyto` stamped.",
        ("that publisher alone",),
        ("ingress",),
    ),
    Channel(
        "replies",
        replies_to(_INSTANCE),
        "replies",
        "Answers for one gateway or worker. A cache, kept for a minute: the durable outcome of a"
        " command can be asked for with `operation.get`.",
        ("handlers",),
    ),
    Channel(
        "ingressReplies",
        replies_to(f"ingress.{_PUBLISHER}"),
        "replies",
        "Answers for one internal system, kept for a day; `subject` is the `id` that it chose.",
        ("handlers",),
    ),
    Channel(
        "deadLetters",
        dead_of(_CONTEXT),
        "dead",
        "Entries that could not be handled within five deliveries, or be read at all, with the"
        " reason.",
        ("handlers", "subscriber"),
    ),
    Channel(
        "rejects",
        rejects_of(_PUBLISHER),
        "rejects",
        "Entries of one internal system that it may not send, or that cannot be read.",
        ("handlers",),
    ),
)
