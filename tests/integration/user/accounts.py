"""Making users, and roles for them."""

from typing import Any

from contracts.user import commands
from contracts.user.roles import RoleCreate
from tests.integration.desk import Desk
from tests.integration.user.conftest import Tenant
from tests.integration.user.people import OWNER

FRONT = ["booking:read:any", "booking:create:any"]


async def made(desk: Desk, tenant: Tenant, name: str, **fields: Any) -> dict[str, Any]:
    """A new user's view."""
    address = f"{name.lower()}@people.example"
    reply = await desk.ask(
        commands.UserCreate, tenant.id, OWNER, **{"email": address, "name": name, **fields}
    )
    assert reply.status == 201, reply.problem
    found: dict[str, Any] = reply.body
    return found


async def role(desk: Desk, tenant: Tenant, name: str, *permissions: str) -> dict[str, Any]:
    """A new role's view."""
    reply = await desk.ask(
        RoleCreate, tenant.id, OWNER, name=name, permissions=list(permissions or FRONT)
    )
    assert reply.status == 201, reply.problem
    found: dict[str, Any] = reply.body
    return found
