"""Answering questions about categories, resources and overrides."""

from contracts.resource.queries import (
    CategoryGet,
    CategoryList,
    OverrideList,
    ResourceGet,
    ResourceList,
)
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.operations import is_administrator
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.resource.attributes import filter_candidates
from handlers.resource.views import category_view, override_view, resource_view
from storage.delivery.transaction import Reading
from storage.resource.categories import CategoryRow, find_category, list_categories
from storage.resource.resources import ResourceFilter, ResourceRow, find_resource, list_resources

NO_CATEGORY = refused("not_found", "There is no such category.")
NO_RESOURCE = refused("not_found", "There is no such resource.")
NOT_FROM_HERE = refused("invalid_cursor", "This cursor is not from this list.")
NOT_SHOWN = refused("forbidden", "Deleted objects are shown to administrators.")


async def get_category(read: Reading, asked: Asked[CategoryGet]) -> Done | Refused:
    category = await find_category(read, asked.message.category_id)
    return NO_CATEGORY if category is None else Done(200, category_view(category))


async def get_resource(read: Reading, asked: Asked[ResourceGet]) -> Done | Refused:
    resource = await find_resource(read, asked.message.resource_id)
    return NO_RESOURCE if resource is None else Done(200, resource_view(resource))


async def get_overrides(read: Reading, asked: Asked[OverrideList]) -> Done | Refused:
    resource = await find_resource(read, asked.message.resource_id)
    if resource is None:
        return NO_RESOURCE
    items = [override_view(override) for override in resource.overrides]
    return Done(200, {"items": items, "next_cursor": None})


class ResourceLists:
    """Lists, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._categories = Cursors.of(secret, "categories")
        self._resources = Cursors.of(secret, "resources")

    async def categories(self, read: Reading, asked: Asked[CategoryList]) -> Done | Refused:
        query = asked.message
        if query.include_deleted and not is_administrator(asked.actor):
            return NOT_SHOWN
        try:
            after = self._categories.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return NOT_FROM_HERE
        rows = await list_categories(
            read, query.limit + 1, after, include_deleted=query.include_deleted
        )
        count = fitting(rows, query.limit, category_view)
        page = self._categories.page(read.tenant_id, rows, count, category_view, _category_place)
        return Done(200, page)

    async def resources(self, read: Reading, asked: Asked[ResourceList]) -> Done | Refused:
        query = asked.message
        if query.include_deleted and not is_administrator(asked.actor):
            return NOT_SHOWN
        try:
            after = self._resources.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return NOT_FROM_HERE
        rows = await list_resources(read, _filter(query), query.limit + 1, after)
        count = fitting(rows, query.limit, resource_view)
        page = self._resources.page(read.tenant_id, rows, count, resource_view, _resource_place)
        return Done(200, page)


def _filter(query: ResourceList) -> ResourceFilter:
    return ResourceFilter(
        category_id=query.category_id,
        kind=query.kind,
        active=query.active,
        name_part=query.q,
        attributes=filter_candidates(query.attribute),
        include_deleted=query.include_deleted,
    )


def _category_place(row: CategoryRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.category_id)]


def _resource_place(row: ResourceRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.resource_id)]
