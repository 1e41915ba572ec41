"""Suspending a tenant and letting it go on: the platform's, not the tenant's own, to decide."""

from dataclasses import replace

from contracts.tenant.commands import TenantResume, TenantSuspend
from handlers.delivery.work import Asked, Done, Outcome, refused
from handlers.tenant.tenants import tenant_event
from handlers.tenant.views import suspension_fact, tenant_view
from storage.delivery.transaction import Writing
from storage.tenant.repository import find_tenant, save_tenant


async def suspend_tenant(work: Writing, asked: Asked[TenantSuspend]) -> Outcome:
    """Afterwards nobody signs in and nothing is changed, within seconds; the data stays."""
    return await _changed(work, asked, "active", "suspended", "tenant.suspended")


async def resume_tenant(work: Writing, asked: Asked[TenantResume]) -> Outcome:
    """Afterwards all is as it was before."""
    return await _changed(work, asked, "suspended", "active", "tenant.resumed")


async def _changed(
    work: Writing,
    asked: Asked[TenantSuspend] | Asked[TenantResume],
    before: str,
    after: str,
    event_type: str,
) -> Outcome:
    command = asked.message
    tenant = await find_tenant(work, command.tenant_id, lock=True)
    if tenant is None:
        return refused("not_found", "There is no such tenant.")
    if command.expected_version not in (None, tenant.version):
        return refused("stale_version", f"The version is {tenant.version}.")
    if tenant.status == after:
        return Done(200, tenant_view(tenant), facts=(suspension_fact(tenant),))
    if tenant.status != before:
        return refused("tenant_not_ready", f"The tenant is {tenant.status}.")
    changed = replace(tenant, status=after, version=tenant.version + 1, updated_at=work.now)
    await save_tenant(work, changed)
    event = tenant_event(event_type, changed, before=tenant)
    return Done(200, tenant_view(changed), events=(event,), facts=(suspension_fact(changed),))
