"""Who is asked about a tenant: the context whose tenants they are."""

from uuid import UUID

from contracts.catalogue import QUERIES
from contracts.wire.strict import Query


def settings_of_tenant(tenant_id: UUID) -> Query:
    """What the tenant context is asked in order to know whether there is such a tenant."""
    return QUERIES["tenant.get_settings"].model_validate({"tenant_id": tenant_id})
