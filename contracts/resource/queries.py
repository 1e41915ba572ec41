"""Queries of the resource context."""

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.resource.shapes import Kind
from contracts.wire.strict import AttributeFilter, Id, Line, Page, Query


class CategoryGet(Query):
    type: ClassVar[str] = "category.get"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:read",)

    category_id: Id


class CategoryList(Page):
    type: ClassVar[str] = "category.list"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:read",)

    include_deleted: bool = False


class CategoryListPublic(Query):
    """For a booking page, before anybody has signed in: 200 at most."""

    type: ClassVar[str] = "category.list_public"
    context: ClassVar[str] = "resource"


class ResourceListPublic(Page):
    """The same of what can be booked: active resources, and of their attributes those that the
    category's schema describes and does not mark `x-private`."""

    type: ClassVar[str] = "resource.list_public"
    context: ClassVar[str] = "resource"

    category_id: Id | None = None
    kind: Kind | None = None
    q: Line | None = None


class ResourceGet(Query):
    type: ClassVar[str] = "resource.get"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:read",)

    resource_id: Id


class ResourceList(Page):
    type: ClassVar[str] = "resource.list"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:read",)

    category_id: Id | None = None
    kind: Kind | None = None
    q: Line | None = None
    active: bool | None = None
    attribute: Annotated[tuple[AttributeFilter, ...], Field(max_length=10)] = ()
    include_deleted: bool = False


class OverrideList(Query):
    type: ClassVar[str] = "override.list"
    context: ClassVar[str] = "resource"
    permissions: ClassVar[tuple[str, ...]] = ("resource:read",)

    resource_id: Id


QUERIES: tuple[type[Query], ...] = (
    CategoryGet,
    CategoryList,
    ResourceGet,
    ResourceList,
    OverrideList,
    CategoryListPublic,
    ResourceListPublic,
)
