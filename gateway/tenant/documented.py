"""What the OpenAPI document says of the tenant context's routes."""

# long: a table with a row for each route.

from contracts.catalogue import QUERIES, SHOWN_TO_STRANGERS
from contracts.tenant.commands import (
    BrandingSet,
    ClosureCreate,
    ClosureDelete,
    ClosureImport,
    LabelsSet,
    SettingsUpdate,
    TenantCreate,
    TenantDelete,
    TenantRestore,
    TenantResume,
    TenantSuspend,
    TenantUpdate,
)
from contracts.tenant.queries import (
    BrandingGet,
    ClosureList,
    LabelsGet,
    SettingsGet,
    TenantGet,
    TenantList,
)
from contracts.tenant.views import (
    BrandingView,
    ClosureMade,
    ClosuresImported,
    ClosureView,
    LabelsView,
    PublicTenantView,
    SettingsChanged,
    SettingsView,
    TenantView,
)
from gateway.edge.openapi.rows import Items, Row, With
from gateway.edge.sign_in import Reach

_SETTINGS = ("invalid_settings", "unknown_timezone")
_OWNER = ("invalid_email", "invalid_password")

ROWS = (
    Row(
        "tenant_create",
        TenantCreate,
        TenantView,
        status=201,
        codes=("invalid_slug", "slug_in_use", "id_in_use", *_SETTINGS, *_OWNER),
        way="tell",
        reach=Reach.PLATFORM,
        creates=True,
        locates=True,
    ),
    Row("tenant_list", TenantList, Items(TenantView), way="ask", reach=Reach.PLATFORM),
    Row("tenant_get", TenantGet, TenantView, way="ask"),
    Row(
        "tenant_update",
        TenantUpdate,
        TenantView,
        codes=("invalid_slug", "slug_in_use"),
        way="tell",
    ),
    Row("tenant_delete", TenantDelete, status=204, way="tell"),
    Row("tenant_restore", TenantRestore, TenantView, codes=("not_deleted",), way="tell"),
    Row("tenant_suspend", TenantSuspend, TenantView, codes=("tenant_not_ready",), way="tell"),
    Row("tenant_resume", TenantResume, TenantView, codes=("tenant_not_ready",), way="tell"),
    Row("settings_get", SettingsGet, SettingsView, way="ask"),
    Row(
        "settings_update",
        SettingsUpdate,
        SettingsChanged,
        codes=_SETTINGS,
        way="tell",
        within="patch",
        says="A merge patch (RFC 7396): what is left out stays, null is the default again.",
    ),
    Row("labels_get", LabelsGet, LabelsView, way="ask"),
    Row(
        "labels_set",
        LabelsSet,
        LabelsView,
        codes=("invalid_settings",),
        way="tell",
        within="labels",
        unwraps=True,
    ),
    Row("branding_get", BrandingGet, BrandingView, way="ask"),
    Row(
        "branding_set",
        BrandingSet,
        BrandingView,
        codes=("invalid_email",),
        way="tell",
        within="branding",
    ),
    Row(
        "closure_list",
        ClosureList,
        Items(ClosureView),
        codes=("invalid_interval", "range_too_long"),
        way="ask",
    ),
    Row(
        "closure_create",
        ClosureCreate,
        ClosureMade,
        status=201,
        codes=("id_in_use", "invalid_settings"),
        way="tell",
        within="closure",
        creates=True,
        calendar=ClosureImport,
        calendar_answer=ClosuresImported,
        says="One closure as JSON, or those of a calendar file (RFC 5545).",
    ),
    Row("closure_delete", ClosureDelete, status=204, codes=("invalid_settings",), way="tell"),
    Row(
        "public_get",
        QUERIES["category.list_public"],
        With(
            PublicTenantView,
            without=("tenant_id",),
            lists=(("categories", SHOWN_TO_STRANGERS["category.list_public"]),),
        ),
        way="ask_in_passing",
    ),
    Row(
        "public_resources",
        QUERIES["resource.list_public"],
        Items(SHOWN_TO_STRANGERS["resource.list_public"]),
        way="ask_in_passing",
    ),
    Row(
        "public_availability",
        QUERIES["availability.get"],
        SHOWN_TO_STRANGERS["availability.get"],
        codes=("range_too_long", "unknown_timezone"),
        way="ask_in_passing",
        hidden=("exclude_booking_id",),
    ),
)
