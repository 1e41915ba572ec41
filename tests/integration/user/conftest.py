"""The user context's handlers, and two tenants."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.user import commands
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from contracts.wire.noticing import Noticed, noticed_of
from handlers.app.tenants import settings_of_tenant
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.delivery.trail import Unheard
from handlers.user.routes import user_routes
from handlers.user.tools import UserTools
from storage.delivery.known import KnownObjects
from tests.integration.desk import Desk
from tests.integration.postgres import Databases
from tests.integration.reservation.salon import NoOwner

PASSWORD = "grapes on the window sill"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A provisioned tenant and its owner."""

    id: UUID
    slug: str
    owner_id: UUID
    owner_email: str


@pytest.fixture(scope="session")
def public_key(signing_key: Ed25519PrivateKey) -> Ed25519PublicKey:
    return signing_key.public_key()


class Heard(Unheard):
    """What handlers noted for the audit trail, in their order."""

    def __init__(self) -> None:
        self.notes: list[Noticed] = []

    def notice(self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any) -> None:
        self.notes.append(noticed_of(asked, event_type, "", tenant_id, **more))

    async def told(
        self, asked: Envelope, event_type: str, tenant_id: UUID | None, **more: Any
    ) -> None:
        self.notice(asked, event_type, tenant_id, **more)


@pytest.fixture(scope="session")
def trail() -> Heard:
    return Heard()


@pytest.fixture
def heard(trail: Heard) -> Heard:
    """With nothing noted yet."""
    trail.notes.clear()
    return trail


@pytest_asyncio.fixture(scope="session")
async def desk(
    databases: Databases, settings: ProcessSettings, known: KnownObjects, trail: Heard
) -> AsyncIterator[Desk]:
    found = Desk.at("user", databases.of("user"))
    rules = TenantRules(known, NoOwner(), settings_of_tenant)
    found.serve(user_routes(UserTools.of(settings, found.engine, rules, trail)))
    yield found
    await found.close()


async def new_tenant(desk: Desk, name: str) -> Tenant:
    """A tenant whose owner was created as the tenant context asks for it."""
    tenant_id, owner_id = new_id(), new_id()
    tenant = Tenant(tenant_id, f"{name}-{tenant_id}", owner_id, f"dona@{name}.example")
    reply = await desk.ask(
        commands.UserCreateOwner,
        tenant_id,
        user_id=owner_id,
        creation_id=new_id(),
        slug=tenant.slug,
        email=tenant.owner_email,
        name="Dona",
        password=PASSWORD,
    )
    assert reply.status == 200
    return tenant


@pytest_asyncio.fixture
async def salon(desk: Desk) -> Tenant:
    """A tenant that no other test knows."""
    return await new_tenant(desk, "salon")


@pytest_asyncio.fixture
async def clinic(desk: Desk) -> Tenant:
    """Another one."""
    return await new_tenant(desk, "clinic")
