"""What the tenant context answers, and the state its events carry."""

from typing import Any, Literal

from contracts.tenant.settings import ClosureTime, Holidays, WeekPlan
from contracts.wire.affected import Affecting
from contracts.wire.strict import Id, Instant, Line, Strict


class TenantView(Strict):
    id: Id
    name: str
    slug: str
    status: Literal["provisioning", "active", "suspended"]
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    version: int


class SettingsView(Strict):
    """Every setting, with its default where the tenant has chosen none."""

    tenant_id: Id
    timezone: str
    business_hours: WeekPlan
    slot_interval_minutes: int
    min_advance_minutes: int
    max_advance_days: int
    min_duration_minutes: int | None
    max_duration_minutes: int | None
    cancellation_window_hours: int
    reschedule_window_hours: int | None
    buffer_before_minutes: int
    buffer_after_minutes: int
    enforce_slot_alignment: bool
    requires_approval: bool
    max_active_bookings_per_user: int | None
    hold_ttl_seconds: int
    reminder_minutes_before: tuple[int, ...]
    self_registration: bool
    public_booking: bool
    locale: str
    currency: str
    labels: dict[str, str]
    closures: tuple[ClosureTime, ...]
    holidays: Holidays | None = None
    updated_at: Instant
    version: int


class SettingsChanged(SettingsView, Affecting):
    """The answer to `tenant.update_settings`."""


class ClosureView(ClosureTime):
    """As it is listed: the tenant's own, or a holiday of its country with the day's name."""

    source: Literal["own", "holiday"]


class ClosureMade(ClosureTime, Affecting):
    """The answer to `closure.create`: with it, the version that the settings have now."""

    version: int


class SkippedEvent(Strict):
    """An event that closes nothing, or not always: `cancelled`, `transparent` (it says that it
    takes no time), `empty` (it ends as it begins), or `outside_range`."""

    uid: Line
    code: Literal["cancelled", "transparent", "empty", "outside_range"]


class ClosuresImported(Affecting):
    """The answer to `closure.import`: what of the file is new, different, the same, and gone. The
    first 200 closures and skipped events are listed."""

    imported: int
    updated: int
    unchanged: int
    removed: int
    skipped: tuple[SkippedEvent, ...]
    skipped_count: int
    closures: tuple[ClosureTime, ...]
    version: int


class LabelsView(Strict):
    tenant_id: Id
    labels: dict[str, str]
    version: int


class BrandingView(Strict):
    tenant_id: Id
    display_name: str | None
    logo_url: str | None
    primary_color: str | None
    secondary_color: str | None
    contact_email: str | None
    contact_phone: str | None
    website: str | None
    address: str | None
    extra: dict[str, Any]
    version: int


class PublicBranding(Strict):
    """A BrandingView without what is ours."""

    display_name: str | None
    logo_url: str | None
    primary_color: str | None
    secondary_color: str | None
    contact_email: str | None
    contact_phone: str | None
    website: str | None
    address: str | None
    extra: dict[str, Any]


class PublicRules(Strict):
    """The settings that a booking page has to go by."""

    slot_interval_minutes: int
    min_advance_minutes: int
    max_advance_days: int
    min_duration_minutes: int | None
    max_duration_minutes: int | None
    cancellation_window_hours: int
    requires_approval: bool
    self_registration: bool


class PublicTenantView(Strict):
    """What a booking page shows of a tenant. The gateway keeps `tenant_id` to itself."""

    tenant_id: Id
    slug: str
    name: str
    timezone: str
    locale: str
    currency: str
    labels: dict[str, str]
    branding: PublicBranding
    rules: PublicRules


EVENTS: dict[str, type[Strict]] = {
    "tenant.created": TenantView,
    "tenant.activated": TenantView,
    "tenant.updated": TenantView,
    "tenant.deleted": TenantView,
    "tenant.restored": TenantView,
    "tenant.suspended": TenantView,
    "tenant.resumed": TenantView,
    "tenant.settings_updated": SettingsView,
    "tenant.branding_updated": BrandingView,
}
