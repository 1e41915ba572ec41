"""Creating, changing and deleting tenants."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.tenant.commands import (
    TenantCompleteProvisioning,
    TenantCreate,
    TenantDelete,
    TenantRestore,
    TenantUpdate,
)
from contracts.tenant.settings import patch_document
from contracts.wire.identity import object_id_for_command
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from contracts.wire.strict import Command
from domain.tenant.settings import merge_patch
from domain.tenant.slug import is_slug
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, Send, Waiting, refused
from handlers.tenant.settings import changes_between, checked_settings
from handlers.tenant.views import DEFAULTS, settings_fact, settings_view, tenant_view
from storage.delivery.transaction import Writing
from storage.tenant.repository import (
    DocumentRow,
    TenantRow,
    add_tenant,
    find_settings,
    find_tenant,
    save_settings,
    save_tenant,
    slug_is_taken,
)

INVALID_SLUG = refused(
    "invalid_slug", "3 to 63 lowercase letters, digits and hyphens, no hyphen at either end."
)


async def create_tenant(work: Writing, asked: Asked[TenantCreate]) -> Outcome:
    """Afterwards the tenant stands as `provisioning`, and its owner is asked for."""
    command = asked.message
    if not is_slug(command.slug):
        return INVALID_SLUG
    patch = {} if command.settings is None else patch_document(command.settings)
    document = checked_settings(merge_patch(DEFAULTS, patch))
    if isinstance(document, Refused):
        return document
    tenant_id = command.id or object_id_for_command(asked.envelope.id)
    tenant = _new_tenant(tenant_id, command, work.now)
    taken = await add_tenant(work, tenant)
    if taken is not None:
        return refused(f"{taken}_in_use", f"This {taken} belongs to another tenant.")
    settings = DocumentRow(tenant_id, document, 1, work.now)
    await work.enter(tenant_id)
    await save_settings(work, settings)
    return Waiting(
        events=(
            tenant_event("tenant.created", tenant),
            settings_event(settings, changes_between({}, settings.document)),
        ),
        facts=(settings_fact(settings),),
        sends=(Send(_owner_of(asked), tenant_id),),
    )


async def complete_provisioning(work: Writing, asked: Asked[TenantCompleteProvisioning]) -> Outcome:
    """Afterwards the tenant is active, or gone and its slug free; whoever asked for it hears so."""
    command = asked.message
    await work.enter(command.tenant_id)
    tenant = await find_tenant(work, command.tenant_id, lock=True)
    if tenant is None or tenant.status != "provisioning":
        return Done(200, {})
    if command.problem is not None:
        problem = Problem.model_validate(command.problem)
        gone = _changed(replace(tenant, slug=None, deleted_at=work.now), work.now)
        await save_tenant(work, gone)
        return Done(
            200,
            {},
            events=(tenant_event("tenant.deleted", gone, before=tenant),),
            completes=(command.creation_id, refusal(problem, asked.envelope.trace_id)),
        )
    active = _changed(replace(tenant, status="active"), work.now)
    await save_tenant(work, active)
    body = tenant_view(active)
    return Done(
        200,
        {},
        events=(tenant_event("tenant.activated", active, before=tenant),),
        completes=(command.creation_id, Reply(201, body)),
    )


async def update_tenant(work: Writing, asked: Asked[TenantUpdate]) -> Outcome:
    """Name and slug; nothing happens when nothing changes."""
    command = asked.message
    tenant = await _loaded(work, command)
    if isinstance(tenant, Refused):
        return tenant
    wanted = replace(tenant, name=command.name or tenant.name, slug=command.slug or tenant.slug)
    if wanted == tenant:
        return Done(200, tenant_view(tenant))
    if wanted.slug != tenant.slug:
        if not is_slug(wanted.slug or ""):
            return INVALID_SLUG
        if await slug_is_taken(work, wanted.slug or "", tenant.tenant_id):
            return refused("slug_in_use", "This slug belongs to another tenant.")
    return await _saved(work, "tenant.updated", tenant, wanted)


async def delete_tenant(work: Writing, asked: Asked[TenantDelete]) -> Outcome:
    """Afterwards the tenant is hidden; nothing of it is lost."""
    tenant = await _loaded(work, asked.message)
    if isinstance(tenant, Refused):
        return tenant
    gone = _changed(replace(tenant, deleted_at=work.now), work.now)
    await save_tenant(work, gone)
    settings = await find_settings(work, tenant.tenant_id)
    facts = () if settings is None else (settings_fact(settings, deleted=True),)
    return Done(204, events=(tenant_event("tenant.deleted", gone, before=tenant),), facts=facts)


async def restore_tenant(work: Writing, asked: Asked[TenantRestore]) -> Outcome:
    """Afterwards the tenant is there again, as it was."""
    tenant = await find_tenant(work, asked.message.tenant_id, lock=True, deleted=True)
    if tenant is None or tenant.slug is None or tenant.purged_at is not None:
        return refused("not_found", "There is no such tenant.")
    if tenant.deleted_at is None:
        return refused("not_deleted", "The tenant is not deleted.")
    back = _changed(replace(tenant, deleted_at=None), work.now)
    await save_tenant(work, back)
    settings = await find_settings(work, tenant.tenant_id)
    facts = () if settings is None else (settings_fact(settings),)
    events = (tenant_event("tenant.restored", back, before=tenant),)
    return Done(200, tenant_view(back), events=events, facts=facts)


def tenant_event(event_type: str, tenant: TenantRow, before: TenantRow | None = None) -> Happened:
    """The tenant after a change, with what changed."""
    names = ("name", "slug", "status", "deleted_at")
    old = {} if before is None else tenant_view(before)
    new = tenant_view(tenant)
    changes = {
        name: {"before": old.get(name), "after": new[name]}
        for name in names
        if old.get(name) != new[name]
    }
    return Happened(
        event_type, "tenant", tenant.tenant_id, tenant.version, new, changes, tenant.tenant_id
    )


def settings_event(row: DocumentRow, changes: dict[str, dict[str, object]]) -> Happened:
    """The settings after a change: all that reservation needs to refresh what it knows."""
    state = settings_view(row)
    return Happened(
        "tenant.settings_updated",
        "settings",
        row.tenant_id,
        row.version,
        state,
        changes,
        row.tenant_id,
    )


def _new_tenant(tenant_id: UUID, command: TenantCreate, now: datetime) -> TenantRow:
    return TenantRow(
        tenant_id=tenant_id,
        name=command.name,
        slug=command.slug,
        status="provisioning",
        version=1,
        created_at=now,
        updated_at=now,
        deleted_at=None,
    )


def _owner_of(asked: Asked[TenantCreate]) -> Command:
    """What the user context is asked for; of its messages only the name is known here."""
    command = asked.message
    return COMMANDS["user.create_owner"].model_validate(
        {
            "user_id": object_id_for_command(asked.envelope.id, "owner"),
            "creation_id": asked.envelope.id,
            "slug": command.slug,
            "email": command.owner.email,
            "name": command.owner.name,
            "password": command.owner.password,
        }
    )


async def _loaded(work: Writing, command: TenantUpdate | TenantDelete) -> TenantRow | Refused:
    tenant = await find_tenant(work, command.tenant_id, lock=True)
    if tenant is None:
        return refused("not_found", "There is no such tenant.")
    if command.expected_version not in (None, tenant.version):
        return refused("stale_version", f"The version is {tenant.version}.")
    return tenant


async def _saved(work: Writing, event_type: str, before: TenantRow, wanted: TenantRow) -> Done:
    after = _changed(wanted, work.now)
    await save_tenant(work, after)
    return Done(200, tenant_view(after), events=(tenant_event(event_type, after, before),))


def _changed(tenant: TenantRow, now: datetime) -> TenantRow:
    return replace(tenant, version=tenant.version + 1, updated_at=now)
