"""The rules that a tenant sets for itself, as values with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain.tenant.closure import Closure
from domain.tenant.holidays import Holidays
from domain.time.wall import WallWindow, Week

_NINE_TO_SIX = (WallWindow(9 * 60, 18 * 60),)
OFFICE_WEEK: Week = (
    _NINE_TO_SIX,
    _NINE_TO_SIX,
    _NINE_TO_SIX,
    _NINE_TO_SIX,
    _NINE_TO_SIX,
    (),
    (),
)
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationSettings:
    """Field names, units and defaults are those of the HTTP API; `settings_violations` judges."""

    timezone: str = "UTC"
    business_hours: Week = OFFICE_WEEK
    slot_interval_minutes: int = 30
    min_advance_minutes: int = 0
    max_advance_days: int = 90
    min_duration_minutes: int | None = None
    max_duration_minutes: int | None = None
    cancellation_window_hours: int = 24
    reschedule_window_hours: int | None = None
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    enforce_slot_alignment: bool = False
    requires_approval: bool = False
    max_active_bookings_per_user: int | None = None
    hold_ttl_seconds: int = 300
    reminder_minutes_before: tuple[int, ...] = (1440,)
    self_registration: bool = False
    public_booking: bool = False
    locale: str = "pt-BR"
    currency: str = "BRL"
    labels: Mapping[str, str] = field(default_factory=lambda: _NO_LABELS)
    closures: tuple[Closure, ...] = ()
    holidays: Holidays | None = None

    @property
    def interval_seconds(self) -> int:
        """One step of the grid."""
        return self.slot_interval_minutes * 60


DEFAULT_SETTINGS = OrganizationSettings()
