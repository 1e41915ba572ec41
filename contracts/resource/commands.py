"""Commands of the resource context."""

from typing import Any, ClassVar

from contracts.resource.shapes import Buffer, Capacity, Kind, OverrideBody, Price, Schedule
from contracts.wire.strict import Colour, Command, Document, Id, Line, Name, Text, Zone


class _ResourceCommand(Command):
    context: ClassVar[str] = "resource"


class CategoryCreate(_ResourceCommand):
    type: ClassVar[str] = "category.create"
    permissions: ClassVar[tuple[str, ...]] = ("category:manage",)

    id: Id | None = None
    name: Name
    description: Text = ""
    attribute_schema: Document | None = None
    icon: Line | None = None
    color: Colour | None = None


class CategoryUpdate(_ResourceCommand):
    type: ClassVar[str] = "category.update"
    permissions: ClassVar[tuple[str, ...]] = ("category:manage",)

    category_id: Id
    name: Name | None = None
    description: Text | None = None
    attribute_schema: Document | None = None
    icon: Line | None = None
    color: Colour | None = None


class CategoryDelete(_ResourceCommand):
    type: ClassVar[str] = "category.delete"
    permissions: ClassVar[tuple[str, ...]] = ("category:manage",)

    category_id: Id


class CategoryRestore(_ResourceCommand):
    type: ClassVar[str] = "category.restore"
    permissions: ClassVar[tuple[str, ...]] = ("category:manage",)

    category_id: Id


class ResourceCreate(_ResourceCommand):
    type: ClassVar[str] = "resource.create"
    permissions: ClassVar[tuple[str, ...]] = ("resource:create",)

    id: Id | None = None
    name: Name
    category_id: Id | None = None
    kind: Kind
    description: Text = ""
    capacity: Capacity = 1
    timezone: Zone | None = None
    availability_schedule: Schedule | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    attributes: Document = {}
    price: Price | None = None
    active: bool = True


class ResourceUpdate(_ResourceCommand):
    """A merge patch; `attributes` is merged as RFC 7396 has it, so it may hold nulls."""

    type: ClassVar[str] = "resource.update"
    permissions: ClassVar[tuple[str, ...]] = ("resource:update",)

    resource_id: Id
    name: Name | None = None
    category_id: Id | None = None
    kind: Kind | None = None
    description: Text | None = None
    capacity: Capacity | None = None
    timezone: Zone | None = None
    availability_schedule: dict[str, Any] | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    attributes: Document | None = None
    price: dict[str, Any] | None = None
    active: bool | None = None


class ResourceDelete(_ResourceCommand):
    type: ClassVar[str] = "resource.delete"
    permissions: ClassVar[tuple[str, ...]] = ("resource:delete",)

    resource_id: Id
    cancel_bookings: bool = False


class ResourceRestore(_ResourceCommand):
    type: ClassVar[str] = "resource.restore"
    permissions: ClassVar[tuple[str, ...]] = ("resource:delete",)

    resource_id: Id


class OverrideCreate(_ResourceCommand):
    type: ClassVar[str] = "override.create"
    permissions: ClassVar[tuple[str, ...]] = ("resource:update",)

    resource_id: Id
    id: Id | None = None
    override: OverrideBody


class OverrideDelete(_ResourceCommand):
    type: ClassVar[str] = "override.delete"
    permissions: ClassVar[tuple[str, ...]] = ("resource:update",)

    resource_id: Id
    override_id: Id


COMMANDS: tuple[type[Command], ...] = (
    CategoryCreate,
    CategoryUpdate,
    CategoryDelete,
    CategoryRestore,
    ResourceCreate,
    ResourceUpdate,
    ResourceDelete,
    ResourceRestore,
    OverrideCreate,
    OverrideDelete,
)
