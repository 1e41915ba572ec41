"""Who calls, in which tenant, and whether they may: before a body is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from contracts.wire.envelope import ANONYMOUS, Actor
from contracts.wire.strict import Message
from gateway.edge.api_keys import ApiKeys
from gateway.edge.problems import CHALLENGE, refused
from gateway.edge.tokens import Identity, InvalidToken, Verifier
from gateway.edge.visit import Visit

_BEARER = re.compile(r"^bearer ([A-Za-z0-9_.~+/=-]+)$", re.IGNORECASE)


class Reach(Enum):
    """Whose objects a route is about, and so which tenant its message carries."""

    TENANT = "the caller's tenant, or the one that a platform administrator names"
    NAMED = "the same, but a platform administrator need not name one"
    OWN = "what the token says, and no other"
    PLATFORM = "no tenant's"
    ANYBODY = "nobody has signed in yet"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and in which tenant."""

    actor: Actor
    tenant_id: UUID | None


@dataclass(frozen=True, slots=True)
class Proofs:
    """What can prove who calls."""

    tokens: Verifier
    keys: ApiKeys


STRANGER = Caller(ANONYMOUS, None)


async def caller_of(
    visit: Visit,
    proofs: Proofs,
    message: type[Message],
    reach: Reach,
    path_tenant: str | None,
    unadmitted: Callable[[Actor, UUID | None], None] = lambda _actor, _tenant_id: None,
) -> Caller:
    """The caller, signed in, in a tenant that is theirs to speak of, with a permission that admits
    them. Raises Refused: 401, then 404 for another's tenant, then 403, of which `unadmitted` hears;
    503 where a key cannot be asked about."""
    if reach is Reach.ANYBODY:
        return STRANGER
    identity = await _identity(visit, proofs)
    if path_tenant is not None:
        tenant_id: UUID | None = _tenant_in_path(identity, visit, path_tenant)
    else:
        tenant_id = _tenant(identity, visit, reach)
    if message.permissions and not identity.actor.may(*message.permissions):
        unadmitted(identity.actor, identity.tenant_id or tenant_id)
        raise refused("forbidden", f"This takes {' or '.join(message.permissions)}.")
    return Caller(identity.actor, tenant_id)


async def _identity(visit: Visit, proofs: Proofs) -> Identity:
    credentials = visit.header(b"authorization")
    if b"x-api-key" in visit.headers:
        if credentials:
            raise refused("invalid_token", "Give a token or an API key, not both.")
        return await proofs.keys.identity(visit)
    if not credentials:
        raise refused("unauthorized")
    found = _BEARER.match(credentials)
    try:
        if found is None:
            raise InvalidToken("scheme")
        return proofs.tokens.identity(found[1])
    except InvalidToken:
        challenge = f'{CHALLENGE}, error="invalid_token"'
        raise refused("invalid_token", www_authenticate=challenge) from None


def _tenant_in_path(identity: Identity, visit: Visit, text: str) -> UUID:
    tenant_id, named = uuid_in_path(text), visit.header(b"x-tenant-id")
    agree = not named or _uuid(named) == tenant_id
    if not identity.is_platform and (tenant_id != identity.tenant_id or not agree):
        raise refused("not_found")
    if not agree:
        # One of the two is a mistake, and what is changed by it is somebody's.
        raise refused("tenant_mismatch", "The path and X-Tenant-ID name different tenants.")
    return tenant_id


def _tenant(identity: Identity, visit: Visit, reach: Reach) -> UUID | None:
    named = visit.header(b"x-tenant-id")
    if not identity.is_platform:
        if named and _uuid(named) != identity.tenant_id:
            raise refused("not_found")
        return None if reach is Reach.PLATFORM else identity.tenant_id
    if reach in (Reach.OWN, Reach.PLATFORM) or (not named and reach is Reach.NAMED):
        return None
    tenant_id = _uuid(named)
    if tenant_id is None:
        raise refused("tenant_required", "Name a tenant by its id in X-Tenant-ID.")
    return tenant_id


def uuid_in_path(text: str) -> UUID:
    """The id; what is none names nothing, so it is not found."""
    found = _uuid(text)
    if found is None:
        raise refused("not_found")
    return found


def _uuid(text: str) -> UUID | None:
    # UUID() also takes braces and urn:uuid:, which are no ids of ours.
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
