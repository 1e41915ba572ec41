"""Changing settings, labels and branding: all but branding are one document."""

from typing import Any
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.tenant.commands import (
    BrandingSet,
    ClosureCreate,
    ClosureDelete,
    ClosureImport,
    LabelsSet,
    SettingsUpdate,
)
from contracts.tenant.settings import ClosureTime, patch_document
from contracts.wire.identity import object_id_for_command
from domain.contact.email import is_email
from domain.tenant.holidays import holidays_to_document
from domain.tenant.settings import merge_patch, settings_from_document, settings_violations
from handlers.delivery.work import (
    Asked,
    Done,
    Happened,
    Outcome,
    Refused,
    Send,
    Waiting,
    refused,
    refused_fields,
)
from handlers.tenant.views import (
    DEFAULTS,
    branding_view,
    effective,
    labels_view,
    settings_fact,
    settings_view,
)
from storage.delivery.transaction import Writing
from storage.tenant.repository import (
    DocumentRow,
    find_branding,
    find_settings,
    find_tenant,
    save_branding,
    save_settings,
)

SettingsCommand = SettingsUpdate | LabelsSet | ClosureCreate | ClosureDelete | ClosureImport
# What says when a tenant is open.
OPENING = frozenset({"timezone", "business_hours", "closures", "holidays"})


async def update_settings(work: Writing, asked: Asked[SettingsUpdate]) -> Outcome:
    """A merge patch (RFC 7396) of all settings as they are read; null is the default again."""
    row = await locked(work, asked.message)
    if isinstance(row, Refused):
        return row
    patch = patch_document(asked.message.patch)
    if patch.get("closures") is not None:
        times = asked.message.patch.closures or ()
        patch["closures"] = [
            closure_document(time, time.id or object_id_for_command(asked.envelope.id, str(place)))
            for place, time in enumerate(times)
        ]
    saved = await stored(work, row, merge_patch(effective(row.document), patch))
    return saved if isinstance(saved, Refused) else done(asked, row, saved, settings_view(saved))


async def set_labels(work: Writing, asked: Asked[LabelsSet]) -> Outcome:
    """Replaces the tenant's own words."""
    row = await locked(work, asked.message)
    if isinstance(row, Refused):
        return row
    saved = await stored(work, row, {**row.document, "labels": dict(asked.message.labels)})
    return saved if isinstance(saved, Refused) else done(asked, row, saved, labels_view(saved))


async def set_branding(work: Writing, asked: Asked[BrandingSet]) -> Outcome:
    """Replaces what a white-label front end shows."""
    tenant_id = asked.message.tenant_id
    if await find_tenant(work, tenant_id, lock=True) is None:
        return refused("not_found", "There is no such tenant.")
    before = await find_branding(work, tenant_id)
    version = 0 if before is None else before.version
    if asked.message.expected_version not in (None, version):
        return refused("stale_version", f"The version is {version}.")
    reached_at = asked.message.branding.contact_email
    if reached_at and not is_email(reached_at):
        message = "This is no e-mail address."
        return refused_fields("invalid_email", [("contact_email", "invalid_email", message)])
    document = asked.message.branding.model_dump(mode="json", exclude_unset=True)
    row = DocumentRow(tenant_id, document, version + 1, work.now)
    await save_branding(work, row)
    view = branding_view(row)
    event = Happened(
        "tenant.branding_updated",
        "branding",
        tenant_id,
        row.version,
        view,
        changes_between({} if before is None else before.document, document),
    )
    return Done(200, view, events=(event,))


def checked_settings(document: dict[str, Any]) -> dict[str, Any] | Refused:
    """The document with defaults for what it lacks, or every rule that it breaks."""
    whole = {**DEFAULTS, **document}
    settings = settings_from_document(whole)
    violations = settings_violations(settings)
    if violations:
        found = [(one.field, one.code, one.message) for one in violations]
        return refused_fields("invalid_settings", found)
    if settings.holidays is not None:
        whole["holidays"] = holidays_to_document(settings.holidays)
    return whole


def closure_document(time: ClosureTime, closure_id: UUID) -> dict[str, Any]:
    """A closure as it is stored and shown; one `date` is a range of one date."""
    written = time.model_dump(mode="json", exclude_none=True)
    single = written.pop("date", None)
    if single is not None:
        written |= {"starts_on": single, "ends_on": single}
    return {**written, "id": str(closure_id), "reason": time.reason}


async def locked(work: Writing, command: SettingsCommand) -> DocumentRow | Refused:
    if await find_tenant(work, command.tenant_id, lock=True) is None:
        return refused("not_found", "There is no such tenant.")
    row = await find_settings(work, command.tenant_id)
    if row is None:
        row = DocumentRow(command.tenant_id, {}, 0, work.now)
    if command.expected_version not in (None, row.version):
        return refused("stale_version", f"The version is {row.version}.")
    return row


async def stored(
    work: Writing, before: DocumentRow, document: dict[str, Any]
) -> DocumentRow | Refused:
    checked = checked_settings(document)
    if isinstance(checked, Refused):
        return checked
    if checked == effective(before.document):
        return before
    row = DocumentRow(before.tenant_id, checked, before.version + 1, work.now)
    await save_settings(work, row)
    return row


def done(
    asked: Asked[SettingsCommand],
    before: DocumentRow,
    after: DocumentRow,
    body: Any,
    status: int = 200,
) -> Done | Waiting:
    """No event when nothing changed; the fact is written through all the same. A change of opening
    time waits until reservation has said which bookings lie outside it now."""
    if before.version == after.version:
        return Done(status, body, facts=(settings_fact(after),))
    changes = changes_between(effective(before.document), effective(after.document))
    event = Happened(
        "tenant.settings_updated",
        "settings",
        after.tenant_id,
        after.version,
        settings_view(after),
        changes,
    )
    facts = (settings_fact(after),)
    if body is None or not changes.keys() & OPENING:
        return Done(status, body, events=(event,), facts=facts)
    assess = COMMANDS["hours.assess"].model_validate(
        {
            "change_id": asked.envelope.id,
            "owner": "tenant",
            "settings": settings_view(after),
            "status": status,
            "body": body,
        }
    )
    return Waiting((event,), facts, (Send(assess, after.tenant_id),))


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Before and after of every member that differs."""
    names = sorted(before.keys() | after.keys())
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    }
