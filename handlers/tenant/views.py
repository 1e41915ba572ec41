"""Rows of the tenant database as documents: what contracts.tenant.views describes."""

from typing import Any

import orjson

from contracts.tenant.settings import DAY_NAMES
from contracts.wire.strict import rfc3339
from domain.tenant.settings import DEFAULT_SETTINGS, settings_to_document
from storage.delivery.known import Fact
from storage.tenant.repository import DocumentRow, TenantRow

DEFAULTS: dict[str, Any] = settings_to_document(DEFAULT_SETTINGS)
BRANDING = (
    "display_name",
    "logo_url",
    "primary_color",
    "secondary_color",
    "contact_email",
    "contact_phone",
    "website",
    "address",
)


def tenant_view(row: TenantRow) -> dict[str, Any]:
    """A TenantView; a creation that failed has no slug, and is never shown."""
    return {
        "id": str(row.tenant_id),
        "name": row.name,
        "slug": row.slug or "",
        "status": row.status,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "deleted_at": None if row.deleted_at is None else rfc3339(row.deleted_at),
        "version": row.version,
    }


def effective(document: dict[str, Any]) -> dict[str, Any]:
    """The settings with the default wherever the tenant has chosen nothing."""
    return {**DEFAULTS, **document}


def settings_view(row: DocumentRow) -> dict[str, Any]:
    """A SettingsView; days that the tenant does not open are empty lists."""
    shown = effective(row.document)
    return {
        **shown,
        "business_hours": {day: shown["business_hours"].get(day, []) for day in DAY_NAMES},
        "tenant_id": str(row.tenant_id),
        "updated_at": rfc3339(row.updated_at),
        "version": row.version,
    }


def settings_fact(row: DocumentRow, *, deleted: bool = False) -> Fact:
    """What reservation must know before it decides."""
    body = None if deleted else orjson.dumps(settings_view(row))
    return Fact(row.tenant_id, "settings", row.tenant_id, row.version, body)


def suspension_fact(row: TenantRow) -> Fact:
    """What everybody must know at once who would change anything of the tenant's. It is kept for
    longer than a token lives, and said again while it is so (`known_suspensions`)."""
    suspended = orjson.dumps({"suspended": row.status == "suspended"})
    return Fact(row.tenant_id, "suspension", row.tenant_id, row.version, suspended)


def labels_view(row: DocumentRow) -> dict[str, Any]:
    """A LabelsView."""
    return {
        "tenant_id": str(row.tenant_id),
        "labels": effective(row.document)["labels"],
        "version": row.version,
    }


def branding_view(row: DocumentRow) -> dict[str, Any]:
    """A BrandingView; what was never chosen is null."""
    return {
        **dict.fromkeys(BRANDING),
        "extra": {},
        **row.document,
        "tenant_id": str(row.tenant_id),
        "version": row.version,
    }


PUBLIC_RULES = (
    "slot_interval_minutes",
    "min_advance_minutes",
    "max_advance_days",
    "min_duration_minutes",
    "max_duration_minutes",
    "cancellation_window_hours",
    "requires_approval",
    "self_registration",
)


def public_view(
    tenant: TenantRow, settings: DocumentRow, branding: DocumentRow | None
) -> dict[str, Any]:
    """A PublicTenantView."""
    shown = effective(settings.document)
    chosen = {} if branding is None else branding.document
    return {
        "tenant_id": str(tenant.tenant_id),
        "slug": tenant.slug,
        "name": tenant.name,
        "timezone": shown["timezone"],
        "locale": shown["locale"],
        "currency": shown["currency"],
        "labels": shown["labels"],
        "branding": {**dict.fromkeys(BRANDING), "extra": {}, **chosen},
        "rules": {name: shown[name] for name in PUBLIC_RULES},
    }
