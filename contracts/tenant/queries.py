"""Queries of the tenant context."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from contracts.wire.strict import Day, Id, Page, Query


class _TenantQuery(Query):
    context: ClassVar[str] = "tenant"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:read",)
    tenant_id: Id


class TenantGet(_TenantQuery):
    type: ClassVar[str] = "tenant.get"


class TenantList(Page):
    type: ClassVar[str] = "tenant.list"
    context: ClassVar[str] = "tenant"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:create",)

    include_deleted: bool = False


class SettingsGet(_TenantQuery):
    type: ClassVar[str] = "tenant.get_settings"


class LabelsGet(_TenantQuery):
    type: ClassVar[str] = "tenant.get_labels"


class BrandingGet(_TenantQuery):
    type: ClassVar[str] = "tenant.get_branding"


class ClosureList(_TenantQuery):
    """Own closures and holidays from date to date, both inclusive; without either, all of the own
    ones and the holidays of this year and the next."""

    type: ClassVar[str] = "closure.list"

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class TenantGetPublic(Query):
    """A tenant's booking page by its slug, before anybody has signed in; sent in no tenant."""

    type: ClassVar[str] = "tenant.get_public"
    before_sign_in: ClassVar[bool] = True
    context: ClassVar[str] = "tenant"

    slug: Annotated[str, StringConstraints(max_length=63)]


QUERIES: tuple[type[Query], ...] = (
    TenantGet,
    TenantList,
    SettingsGet,
    LabelsGet,
    BrandingGet,
    ClosureList,
    TenantGetPublic,
)
