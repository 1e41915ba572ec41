"""Rows of the resource database as documents: what contracts.resource.views describes."""

from typing import Any

import orjson

from contracts.wire.strict import rfc3339
from handlers.delivery.merging import changed_fields
from handlers.delivery.work import Happened
from storage.delivery.known import Fact
from storage.resource.categories import CategoryRow
from storage.resource.resources import OverrideRow, ResourceRow

CATEGORY_FIELDS = ("name", "description", "attribute_schema", "icon", "color")
RESOURCE_FIELDS = (
    "name",
    "category_id",
    "kind",
    "description",
    "capacity",
    "timezone",
    "availability_schedule",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "attributes",
    "price",
    "active",
)


def category_view(row: CategoryRow) -> dict[str, Any]:
    """A CategoryView."""
    return {
        "id": str(row.category_id),
        "tenant_id": str(row.tenant_id),
        **{name: getattr(row, name) for name in CATEGORY_FIELDS},
        **_history(row),
    }


def override_view(row: OverrideRow) -> dict[str, Any]:
    """An OverrideView."""
    return {
        "id": str(row.override_id),
        "date": row.on_date.isoformat(),
        "closed": row.closed,
        "windows": row.windows,
        "beyond_business_hours": row.beyond_business_hours,
        "reason": row.reason,
    }


def resource_view(row: ResourceRow) -> dict[str, Any]:
    """A ResourceView: the resource with its overrides by date."""
    return {
        "id": str(row.resource_id),
        "tenant_id": str(row.tenant_id),
        **{name: getattr(row, name) for name in RESOURCE_FIELDS},
        "category_id": None if row.category_id is None else str(row.category_id),
        "overrides": [override_view(override) for override in row.overrides],
        **_history(row),
    }


def category_fact(row: CategoryRow) -> Fact:
    """What others know of the category; nothing once it is deleted."""
    body = None if row.deleted_at is not None else orjson.dumps(category_view(row))
    return Fact(row.tenant_id, "category", row.category_id, row.version, body)


def resource_fact(row: ResourceRow) -> Fact:
    """What reservation must know before it decides; nothing once the resource is deleted."""
    body = None if row.deleted_at is not None else orjson.dumps(resource_view(row))
    return Fact(row.tenant_id, "resource", row.resource_id, row.version, body)


def category_event(event_type: str, row: CategoryRow, before: CategoryRow | None) -> Happened:
    """The category after a change, with what changed."""
    view = category_view(row)
    old = None if before is None else category_view(before)
    changes = changed_fields(old, view, (*CATEGORY_FIELDS, "deleted_at"))
    return Happened(
        event_type, "category", row.category_id, row.version, view, changes, row.tenant_id
    )


def resource_event(event_type: str, row: ResourceRow, before: ResourceRow | None) -> Happened:
    """The resource after a change, with what changed: of the overrides only those that did."""
    view = resource_view(row)
    old = None if before is None else resource_view(before)
    changes = changed_fields(old, view, (*RESOURCE_FIELDS, "deleted_at"))
    if before is not None and before.overrides != row.overrides:
        changes["overrides"] = {
            "before": [override_view(o) for o in before.overrides if o not in row.overrides],
            "after": [override_view(o) for o in row.overrides if o not in before.overrides],
        }
    return Happened(
        event_type, "resource", row.resource_id, row.version, view, changes, row.tenant_id
    )


def _history(row: CategoryRow | ResourceRow) -> dict[str, Any]:
    return {
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "deleted_at": None if row.deleted_at is None else rfc3339(row.deleted_at),
        "version": row.version,
    }
