"""What a booking page shows to strangers of categories and resources: what is on offer."""

from collections.abc import Mapping
from typing import Any

from contracts.resource.queries import CategoryListPublic, ResourceListPublic
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.fitting import fitting
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from storage.delivery.transaction import Reading
from storage.resource.categories import CategoryRow, attribute_schemas, list_categories
from storage.resource.resources import ResourceFilter, ResourceRow, list_resources

# In a category's attribute_schema, beside a property that strangers are not to see.
PRIVATE = "x-private"
MOST_CATEGORIES = 200
NOT_FROM_HERE = refused("invalid_cursor", "This cursor is not from this list.")


async def list_shown_categories(read: Reading, asked: Asked[CategoryListPublic]) -> Done | Refused:
    """The categories, without the schema that their resources are held against."""
    del asked
    rows = await list_categories(read, MOST_CATEGORIES, None, include_deleted=False)
    shown = [category_shown(row) for row in rows[: fitting(rows, len(rows), category_shown)]]
    return Done(200, {"items": shown, "next_cursor": None})


class BookingPageLists:
    """The list that goes by pages, with cursors of its own."""

    def __init__(self, secret: str) -> None:
        self._resources = Cursors.of(secret, "public-resources")

    async def resources(self, read: Reading, asked: Asked[ResourceListPublic]) -> Done | Refused:
        """The resources that can be booked."""
        query = asked.message
        try:
            after = self._resources.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return NOT_FROM_HERE
        wanted = ResourceFilter(
            category_id=query.category_id, kind=query.kind, active=True, name_part=query.q
        )
        rows = await list_resources(read, wanted, query.limit + 1, after)
        schemas = await attribute_schemas(
            read, {row.category_id for row in rows if row.category_id}
        )

        def shown(row: ResourceRow) -> dict[str, Any]:
            schema = None if row.category_id is None else schemas.get(row.category_id)
            return resource_shown(row, schema)

        count = fitting(rows, query.limit, shown)
        page = self._resources.page(read.tenant_id, rows, count, shown, _resource_place)
        return Done(200, page)


def category_shown(row: CategoryRow) -> dict[str, Any]:
    """A PublicCategoryView."""
    return {
        "id": str(row.category_id),
        "name": row.name,
        "description": row.description,
        "icon": row.icon,
        "color": row.color,
    }


def resource_shown(row: ResourceRow, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """A PublicResourceView."""
    return {
        "id": str(row.resource_id),
        "name": row.name,
        "category_id": None if row.category_id is None else str(row.category_id),
        "kind": row.kind,
        "description": row.description,
        "capacity": row.capacity,
        "timezone": row.timezone,
        "attributes": public_attributes(row.attributes, schema),
        "price": row.price,
    }


def public_attributes(
    attributes: Mapping[str, Any], schema: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The attributes that the category's schema names and does not call private: what nobody
    described was not written for strangers."""
    described = (schema or {}).get("properties")
    if not isinstance(described, dict):
        return {}
    return {
        name: value
        for name, value in attributes.items()
        if isinstance(described.get(name), dict) and not described[name].get(PRIVATE)
    }


def _resource_place(row: ResourceRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.resource_id)]
