"""Answering questions about tenants."""

from contracts.tenant.queries import (
    BrandingGet,
    LabelsGet,
    SettingsGet,
    TenantGet,
    TenantGetPublic,
    TenantList,
)
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.tenant.views import (
    branding_view,
    effective,
    labels_view,
    public_view,
    settings_view,
    tenant_view,
)
from storage.delivery.transaction import Reading
from storage.tenant.repository import (
    DocumentRow,
    TenantRow,
    find_branding,
    find_by_slug,
    find_settings,
    find_tenant,
    list_tenants,
)

NOT_FOUND = refused("not_found", "There is no such tenant.")
NO_PAGE = refused("not_found", "There is no such booking page.")
ACTIVE = "active"


async def get_tenant(read: Reading, asked: Asked[TenantGet]) -> Done | Refused:
    tenant = await find_tenant(read, asked.message.tenant_id)
    return NOT_FOUND if tenant is None else Done(200, tenant_view(tenant))


async def get_settings(read: Reading, asked: Asked[SettingsGet]) -> Done | Refused:
    row = await _settings(read, asked.message)
    return row if isinstance(row, Refused) else Done(200, settings_view(row))


async def get_labels(read: Reading, asked: Asked[LabelsGet]) -> Done | Refused:
    row = await _settings(read, asked.message)
    return row if isinstance(row, Refused) else Done(200, labels_view(row))


async def get_branding(read: Reading, asked: Asked[BrandingGet]) -> Done | Refused:
    tenant_id = asked.message.tenant_id
    tenant = await find_tenant(read, tenant_id)
    if tenant is None:
        return NOT_FOUND
    row = await find_branding(read, tenant_id)
    return Done(200, branding_view(row or DocumentRow(tenant_id, {}, 0, tenant.created_at)))


async def get_public(read: Reading, asked: Asked[TenantGetPublic]) -> Done | Refused:
    """A booking page. An unknown slug, a tenant that is not active and one that has its page
    switched off answer alike."""
    tenant = await find_by_slug(read, asked.message.slug)
    if tenant is None or tenant.status != ACTIVE:
        return NO_PAGE
    await read.enter(tenant.tenant_id)
    settings = await find_settings(read, tenant.tenant_id)
    if settings is None or not effective(settings.document)["public_booking"]:
        return NO_PAGE
    branding = await find_branding(read, tenant.tenant_id)
    return Done(200, public_view(tenant, settings, branding))


class TenantLists:
    """Lists, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "tenants")

    async def list(self, read: Reading, asked: Asked[TenantList]) -> Done | Refused:
        query = asked.message
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        rows = await list_tenants(
            read, query.limit + 1, after, include_deleted=query.include_deleted
        )
        page = self._cursors.page(read.tenant_id, rows, query.limit, tenant_view, _place)
        return Done(200, page)


def _place(row: TenantRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.tenant_id)]


async def _settings(read: Reading, query: SettingsGet | LabelsGet) -> DocumentRow | Refused:
    if await find_tenant(read, query.tenant_id) is None:
        return NOT_FOUND
    row = await find_settings(read, query.tenant_id)
    return NOT_FOUND if row is None else row
