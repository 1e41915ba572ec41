"""What the OpenAPI document says of the resource context's routes."""

from contracts.resource.calendar_tokens import (
    ResourceMintCalendarToken,
    ResourceRevokeCalendarToken,
    ResourceVerifyCalendarToken,
)
from contracts.resource.commands import (
    CategoryCreate,
    CategoryDelete,
    CategoryRestore,
    CategoryUpdate,
    OverrideCreate,
    OverrideDelete,
    ResourceCreate,
    ResourceDelete,
    ResourceRestore,
    ResourceUpdate,
)
from contracts.resource.queries import (
    CategoryGet,
    CategoryList,
    OverrideList,
    ResourceGet,
    ResourceList,
)
from contracts.resource.views import (
    CategoryView,
    OverrideMade,
    OverrideTaken,
    OverrideView,
    ResourceChanged,
    ResourceView,
)
from contracts.wire.feed_tokens import NewFeedToken
from gateway.edge.calendar import TEXT_CALENDAR
from gateway.edge.openapi.rows import Items, Row

_RESOURCE = ("invalid_attributes", "invalid_schedule", "unknown_timezone")

ROWS = (
    Row(
        "category_create",
        CategoryCreate,
        CategoryView,
        status=201,
        codes=("invalid_attributes", "name_in_use", "id_in_use"),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row("category_list", CategoryList, Items(CategoryView), way="ask"),
    Row("category_get", CategoryGet, CategoryView, way="ask"),
    Row(
        "category_update",
        CategoryUpdate,
        CategoryView,
        codes=("invalid_attributes", "name_in_use"),
        way="tell",
    ),
    Row("category_delete", CategoryDelete, status=204, codes=("in_use",), way="tell"),
    Row(
        "category_restore",
        CategoryRestore,
        CategoryView,
        codes=("not_deleted", "name_in_use"),
        way="tell",
    ),
    Row(
        "resource_create",
        ResourceCreate,
        ResourceView,
        status=201,
        codes=(*_RESOURCE, "id_in_use"),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row("resource_list", ResourceList, Items(ResourceView), way="ask"),
    Row("resource_get", ResourceGet, ResourceView, way="ask"),
    Row(
        "resource_update",
        ResourceUpdate,
        ResourceChanged,
        codes=(*_RESOURCE, "has_future_bookings"),
        way="tell",
    ),
    Row(
        "resource_delete",
        ResourceDelete,
        status=204,
        codes=("has_future_bookings",),
        way="tell",
        options=("cancel_bookings",),
        says="With `cancel_bookings` what is booked is cancelled; otherwise it stands in the way.",
    ),
    Row("resource_restore", ResourceRestore, ResourceView, codes=("not_deleted",), way="tell"),
    Row("override_list", OverrideList, Items(OverrideView), way="ask"),
    Row(
        "override_create",
        OverrideCreate,
        OverrideMade,
        status=201,
        codes=("id_in_use", "invalid_schedule"),
        way="tell",
        within="override",
        creates=True,
    ),
    Row(
        "override_delete",
        OverrideDelete,
        status=204,
        or_answer=OverrideTaken,
        way="tell",
        says="200 where bookings lie outside opening time now: it says which.",
    ),
    Row(
        "resource_mint_calendar_token",
        ResourceMintCalendarToken,
        NewFeedToken,
        status=201,
        way="tell",
        creates=True,
        says="The one answer that has the token; one that was there before ends. `path` is for a"
        " calendar application: whoever has it reads the feed, without any other proof.",
    ),
    Row("resource_revoke_calendar_token", ResourceRevokeCalendarToken, status=204, way="tell"),
    Row(
        "resource_calendar",
        ResourceVerifyCalendarToken,
        way="ask_by_token",
        revalidates=True,
        media_type=TEXT_CALENDAR,
        says="iCalendar (RFC 5545), from 14 days ago to 400 ahead, 5,000 bookings at most: when,"
        " and nothing about people. Whatever is wrong with the token is the same 404.",
    ),
)
