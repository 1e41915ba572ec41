"""Making keys, and asking whose they are."""

from typing import Any

from contracts.user.api_keys import ApiKeyCreate, ApiKeyVerify
from contracts.wire.envelope import SYSTEM, Actor
from contracts.wire.reply import Reply
from tests.integration.desk import Desk
from tests.integration.user.conftest import Tenant
from tests.integration.user.people import OWNER

SCOPES = ["booking:read:any", "resource:read"]


async def new_key(desk: Desk, tenant: Tenant, actor: Actor = OWNER, **fields: Any) -> Reply:
    return await desk.ask(
        ApiKeyCreate, tenant.id, actor, **{"name": "till", "scopes": SCOPES, **fields}
    )


async def verified(desk: Desk, key: str) -> Reply:
    return await desk.ask(ApiKeyVerify, None, SYSTEM, key=key)
