"""Asking the desk of the tenant context, where a message's own field is called tenant_id."""

from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply, decode_reply
from contracts.wire.strict import Message
from handlers.delivery.work import Asked, QueryRoute
from tests.integration.desk import Desk


async def ask(desk: Desk, message: type[Message], asking: UUID | None, /, **fields: Any) -> Reply:
    """The reply to a message that is sent in the tenant `asking`, None for the platform."""
    envelope = Envelope(
        id=new_id(),
        type=message.type,
        source="tests",
        data=orjson.dumps(fields),
        tenant_id=asking,
        actor=SYSTEM,
    )
    asked: Asked[Any] = Asked(message.model_validate_json(envelope.data), envelope)
    route = desk._routes[message.type]
    if isinstance(route, QueryRoute):
        return decode_reply(await desk._queries.run(route, asked), desk.keyring)
    return await desk.answer(route, asked)
