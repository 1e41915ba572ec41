"""Rooms, cars and their category: what tests furnish a tenant with."""

from typing import Any
from uuid import UUID

from contracts.resource import commands
from tests.integration.desk import Desk
from tests.integration.reservation.salon import Salon
from tests.integration.resource.people import OWNER

MORNING = [{"start": "09:00", "end": "12:00"}]


async def room(desk: Desk, tenant: UUID, **fields: Any) -> dict[str, Any]:
    """A new resource's view."""
    reply = await desk.ask(
        commands.ResourceCreate, tenant, OWNER, **{"name": "Sala", "kind": "space", **fields}
    )
    assert reply.status == 201, reply.problem
    found: dict[str, Any] = reply.body
    return found


async def furnished(desk: Desk, house: Salon, **fields: Any) -> dict[str, Any]:
    """A resource that the resource context has, and reservation knows."""
    made = await room(desk, house.tenant_id, **fields)
    await house.knows(made)
    return made


CAR = {
    "type": "object",
    "properties": {
        "plate": {"type": "string", "maxLength": 8},
        "seats": {"type": "integer", "minimum": 1},
    },
    "required": ["plate"],
    "additionalProperties": False,
}


async def cars(desk: Desk, tenant: UUID) -> str:
    """A category whose attributes have a schema."""
    reply = await desk.ask(commands.CategoryCreate, tenant, name="Carros", attribute_schema=CAR)
    identity: str = reply.body["id"]
    return identity
