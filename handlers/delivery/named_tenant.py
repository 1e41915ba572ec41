"""What concerns a tenant's objects needs a tenant, which the platform's callers have to name."""

from typing import Any

from contracts.wire.identity import NIL
from contracts.wire.strict import Command, Query
from handlers.delivery.work import (
    Answer,
    Asked,
    CommandRoute,
    Decide,
    Done,
    Outcome,
    Prepare,
    QueryRoute,
    Refused,
    refused,
)
from storage.delivery.transaction import Reading, Writing

NOT_THERE = refused("not_found", "There is no such thing.")
REQUIRED = refused("tenant_required", "Name the tenant that this is about.")


def command_in_tenant(
    message: type[Command], decide: Decide, prepare: Prepare | None = None
) -> CommandRoute:
    """The route of a command that is refused where no tenant is named."""

    async def checked(work: Writing, asked: Asked[Any]) -> Outcome:
        return REQUIRED if asked.tenant_id == NIL else await decide(work, asked)

    return CommandRoute(message, checked, prepare)


def command_of_tenant(
    message: type[Command], decide: Decide, prepare: Prepare | None = None
) -> CommandRoute:
    """The route of a command that names its tenant, which is the envelope's or is not there."""

    async def checked(work: Writing, asked: Asked[Any]) -> Outcome:
        is_another = asked.message.tenant_id != asked.tenant_id
        return NOT_THERE if is_another else await decide(work, asked)

    return command_in_tenant(message, checked, prepare)


def query_in_tenant(
    message: type[Query],
    answer: Answer,
    prepare: Prepare | None = None,
    *,
    private: bool = False,
    of_deleted: bool = False,
) -> QueryRoute:
    """The route of a query that is refused where no tenant is named."""

    async def checked(read: Reading, asked: Asked[Any]) -> Done | Refused:
        return REQUIRED if asked.tenant_id == NIL else await answer(read, asked)

    return QueryRoute(message, checked, prepare, private, of_deleted)
