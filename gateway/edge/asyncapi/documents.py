"""The AsyncAPI 3.0 document, from the table of streams and the messages of the contracts."""

from typing import Any

from contracts.catalogue import COMMANDS, EVENTS_OF, QUERIES
from contracts.wire.operations import Ping
from contracts.wire.streams import CARRYING_OUT, CONTEXTS, SUBSCRIBERS
from gateway.edge.asyncapi.channels import CHANNELS, Channel
from gateway.edge.asyncapi.headers import Schema
from gateway.edge.asyncapi.messages import ENTRY, LETTER, OWN_QUERIES, REPLY, Written
from gateway.edge.openapi.documents import VERSION

ASYNCAPI = "3.0.0"
_ABOUT = (
    "Every message of an installation is one entry of a Redis Stream: flat fields in CloudEvents"
    " 1.0 names, here the message's headers, and its body as JSON in the field `data`, here its"
    " payload. Delivery is at least once, and effects are idempotent: the `id` of a command is what"
    " makes a repetition harmless, and events come in the order of `sequence`. Internal systems"
    " write to `ingress.{publisher}` and read `replies.ingress.{publisher}` and the events; all"
    " other streams are written by our own processes. What `x-sealed-fields` names is a text"
    " `sealed:…` on our own streams, and is said in plain words to the ingress, which seals it."
)
_PARAMETERS: dict[str, Schema] = {
    "publisher": {"description": "The name of an internal system, as `INGRESS_PUBLISHERS` has it."},
    "instance": {
        "description": "The gateway or worker that asked.",
        "location": "$message.header#/replyto",
    },
    "context": {"description": "Whose entry it was.", "enum": sorted({*CONTEXTS, *SUBSCRIBERS})},
}


def asyncapi() -> Schema:
    """The document."""
    written = Written()
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": "Slotstream messages", "version": VERSION, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "redis": {
                "host": "{host}",
                "protocol": "redis",
                "description": "Redis or Valkey, 7.0 or newer: `REDIS_URL`.",
                "variables": {"host": {"default": "127.0.0.1:6379"}},
            }
        },
        "channels": {channel.key: _channel(channel) for channel in CHANNELS},
        "operations": dict(_operation(channel) for channel in CHANNELS),
        "components": {"messages": written.messages, "schemas": written.schemas},
    }


def messages_on(channel: Channel) -> list[str]:
    """The types of the messages that stand on a channel."""
    match channel.kind:
        case "commands":
            return [name for name, one in COMMANDS.items() if one.context in channel.contexts]
        case "queries":
            asked = [name for name, one in QUERIES.items() if one.context in channel.contexts]
            # The others have no command whose outcome could be asked for.
            is_asked_after = channel.contexts[0] in CARRYING_OUT
            return [*asked, *(OWN_QUERIES if is_asked_after else (Ping.type,))]
        case "events":
            return [name for context in channel.contexts for name in EVENTS_OF[context]]
        case "ingress":
            return [ENTRY]
        case "replies":
            return [REPLY]
        case "dead" | "rejects":
            return [LETTER]


def _channel(channel: Channel) -> Schema:
    found: Schema = {
        "address": channel.address,
        "title": channel.address,
        "description": channel.about,
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name in messages_on(channel)
        },
        "x-written-by": list(channel.writers),
        "x-consumer-groups": list(channel.groups),
    }
    named = {name: one for name, one in _PARAMETERS.items() if f"{{{name}}}" in channel.address}
    return {**found, "parameters": named} if named else found


def _operation(channel: Channel) -> tuple[str, Schema]:
    """What an installation does with a channel: it receives what it is asked, sends the rest."""
    is_asked = channel.kind in ("commands", "queries", "ingress")
    action = "receive" if is_asked else "send"
    place = f"#/channels/{channel.key}"
    found: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": place},
        "title": f"{action} {channel.address}",
        "summary": channel.about,
        "messages": [{"$ref": f"{place}/messages/{name}"} for name in messages_on(channel)],
        "tags": [{"name": channel.kind}],
    }
    if is_asked:
        answers = "ingressReplies" if channel.kind == "ingress" else "replies"
        found["reply"] = {
            "channel": {"$ref": f"#/channels/{answers}"},
            "messages": [{"$ref": f"#/channels/{answers}/messages/{REPLY}"}],
        }
    return f"{action}{channel.key[0].upper()}{channel.key[1:]}", found
