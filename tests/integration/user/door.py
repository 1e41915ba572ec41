"""Going in by the door: signing in and refreshing."""

from typing import Any
from uuid import UUID

from contracts.user import commands
from contracts.wire.envelope import ANONYMOUS
from contracts.wire.reply import Reply
from tests.integration.desk import Desk
from tests.integration.user.conftest import PASSWORD, Tenant


async def sign_in(desk: Desk, of: Tenant, **changed: Any) -> Reply:
    """The answer to the owner's sign-in, with what is changed about it."""
    given = {"tenant": of.slug, "email": of.owner_email, "password": PASSWORD}
    return await desk.ask(commands.AuthToken, None, ANONYMOUS, **{**given, **changed})


async def refresh(desk: Desk, token: str, command_id: UUID | None = None) -> Reply:
    return await desk.ask(
        commands.AuthRefresh, None, ANONYMOUS, command_id=command_id, refresh_token=token
    )
