"""What the resource context answers, and the state its events carry."""

import datetime
from typing import Any

from contracts.resource.shapes import Kind, Price, Schedule, ScheduleWindow
from contracts.wire.affected import Affecting
from contracts.wire.strict import Id, Instant, Strict


class CategoryView(Strict):
    id: Id
    tenant_id: Id
    name: str
    description: str
    attribute_schema: dict[str, Any] | None
    icon: str | None
    color: str | None
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int


class PublicCategoryView(Strict):
    """What a booking page shows of a category."""

    id: Id
    name: str
    description: str
    icon: str | None
    color: str | None


class PublicResourceView(Strict):
    """What a booking page shows of a resource; the price is what is asked for it."""

    id: Id
    name: str
    category_id: Id | None
    kind: Kind
    description: str
    capacity: int
    timezone: str | None
    attributes: dict[str, Any]
    price: Price | None


class OverrideView(Strict):
    id: Id
    date: datetime.date
    closed: bool
    windows: tuple[ScheduleWindow, ...]
    beyond_business_hours: bool
    reason: str


class OverrideMade(OverrideView, Affecting):
    """The answer to `override.create`: with it, the version that its resource has now."""

    version: int


class OverrideTaken(Affecting):
    """The answer to `override.delete` where bookings lie outside opening time now: these, and the
    version that its resource has."""

    version: int


class ResourceView(Strict):
    """A resource with its overrides: all that reservation must know to decide about it."""

    id: Id
    tenant_id: Id
    name: str
    category_id: Id | None
    kind: Kind
    description: str
    capacity: int
    timezone: str | None
    availability_schedule: Schedule | None
    buffer_before_minutes: int | None
    buffer_after_minutes: int | None
    attributes: dict[str, Any]
    price: Price | None
    active: bool
    overrides: tuple[OverrideView, ...]
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int


class ResourceChanged(ResourceView, Affecting):
    """The answer to `resource.update`."""


EVENTS: dict[str, type[Strict]] = {
    "category.created": CategoryView,
    "category.updated": CategoryView,
    "category.deleted": CategoryView,
    "category.restored": CategoryView,
    "resource.created": ResourceView,
    "resource.updated": ResourceView,
    "resource.deleted": ResourceView,
    "resource.restored": ResourceView,
}
