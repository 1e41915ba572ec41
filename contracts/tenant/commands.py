"""Commands of the tenant context."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from contracts.tenant.settings import Branding, ClosureTime, SettingsPatch
from contracts.wire.strict import Command, Id, Line, Name, Strict

Slug = Annotated[str, StringConstraints(min_length=1, max_length=63)]


class Owner(Strict):
    """The first user of a tenant."""

    email: Annotated[Line, StringConstraints(min_length=3)]
    name: Name
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class _TenantCommand(Command):
    context: ClassVar[str] = "tenant"
    tenant_id: Id


class TenantCreate(Command):
    """A tenant and its owner in one go; provisioning until the user context has the owner."""

    type: ClassVar[str] = "tenant.create"
    context: ClassVar[str] = "tenant"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:create",)
    secret_fields: ClassVar[tuple[str, ...]] = ("owner.password", "owner.email", "owner.name")

    id: Id | None = None
    name: Name
    slug: Slug
    settings: SettingsPatch | None = None
    owner: Owner


class TenantUpdate(_TenantCommand):
    type: ClassVar[str] = "tenant.update"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)

    name: Name | None = None
    slug: Slug | None = None


class TenantDelete(_TenantCommand):
    type: ClassVar[str] = "tenant.delete"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:create",)


class TenantRestore(_TenantCommand):
    type: ClassVar[str] = "tenant.restore"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:create",)


class TenantSuspend(_TenantCommand):
    """Sign-in and changes stop; what there is stays, and can be read until tokens end."""

    type: ClassVar[str] = "tenant.suspend"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:suspend",)


class TenantResume(_TenantCommand):
    type: ClassVar[str] = "tenant.resume"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:suspend",)


class TenantCompleteProvisioning(_TenantCommand):
    """Sent by the user context once the owner exists, or is refused for good."""

    type: ClassVar[str] = "tenant.complete_provisioning"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    creation_id: Id
    problem: dict[str, Any] | None = None


class TenantAnswerChange(_TenantCommand):
    """The answer to a change of opening time, with the bookings that lie outside now: reservation
    sends it, and `change_id` is the command whose caller waits."""

    type: ClassVar[str] = "tenant.answer_change"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    change_id: Id
    status: int
    body: dict[str, Any]


class SettingsUpdate(_TenantCommand):
    type: ClassVar[str] = "tenant.update_settings"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)

    patch: SettingsPatch


class LabelsSet(_TenantCommand):
    type: ClassVar[str] = "tenant.set_labels"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)

    labels: Annotated[dict[Name, Line], Field(max_length=100)]


class BrandingSet(_TenantCommand):
    type: ClassVar[str] = "tenant.set_branding"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)

    branding: Branding


class ClosureCreate(_TenantCommand):
    type: ClassVar[str] = "closure.create"
    permissions: ClassVar[tuple[str, ...]] = ("closure:manage",)

    closure: ClosureTime


class ClosureImport(_TenantCommand):
    """The events of a calendar file (RFC 5545) as closures; `calendar` is its text."""

    type: ClassVar[str] = "closure.import"
    permissions: ClassVar[tuple[str, ...]] = ("closure:manage",)

    calendar: Annotated[str, StringConstraints(max_length=1_048_576)]


class ClosureDelete(_TenantCommand):
    type: ClassVar[str] = "closure.delete"
    permissions: ClassVar[tuple[str, ...]] = ("closure:manage",)

    closure_id: Id


COMMANDS: tuple[type[Command], ...] = (
    TenantCreate,
    TenantUpdate,
    TenantDelete,
    TenantRestore,
    TenantSuspend,
    TenantResume,
    TenantCompleteProvisioning,
    TenantAnswerChange,
    SettingsUpdate,
    LabelsSet,
    BrandingSet,
    ClosureCreate,
    ClosureImport,
    ClosureDelete,
)
