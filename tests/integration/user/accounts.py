"""Making users."""

from typing import Any

from contracts.user import commands
from tests.integration.desk import Desk
from tests.integration.user.conftest import Tenant
from tests.integration.user.people import OWNER


async def made(desk: Desk, tenant: Tenant, name: str, **fields: Any) -> dict[str, Any]:
    """A new user's view."""
    address = f"{name.lower()}@people.example"
    reply = await desk.ask(
        commands.UserCreate, tenant.id, OWNER, **{"email": address, "name": name, **fields}
    )
    assert reply.status == 201, reply.problem
    found: dict[str, Any] = reply.body
    return found
