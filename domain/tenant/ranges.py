"""What settings may be: the range of every number, and windows that do not overlap."""

import re
from collections.abc import Iterator

from domain.tenant.closure import closure_violations
from domain.tenant.holidays import holidays_violations
from domain.tenant.rules import OrganizationSettings
from domain.time.violation import Violation
from domain.time.wall import week_violations
from domain.time.zone import zone_names

# The length of no booking lies outside these, whatever a tenant sets: 31 days at most.
MIN_DURATION_MINUTES, MAX_DURATION_MINUTES = 5, 44_640
MAX_CLOSURES = 1_000
MAX_REMINDERS = 10
MAX_LABELS = 100
_DURATION = (MIN_DURATION_MINUTES, MAX_DURATION_MINUTES)

RANGES: dict[str, tuple[int, int]] = {
    "slot_interval_minutes": (5, 1_440),
    "min_advance_minutes": (0, 525_600),
    "max_advance_days": (0, 3_660),
    "min_duration_minutes": _DURATION,
    "max_duration_minutes": _DURATION,
    "cancellation_window_hours": (0, 8_760),
    "reschedule_window_hours": (0, 8_760),
    "buffer_before_minutes": (0, 1_440),
    "buffer_after_minutes": (0, 1_440),
    "max_active_bookings_per_user": (1, 10_000),
    "hold_ttl_seconds": (1, 86_400),
}
_REMINDER = (1, 525_600)
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def settings_violations(settings: OrganizationSettings) -> tuple[Violation, ...]:
    """Everything that is wrong with the settings, in the order of their fields; empty is sound."""
    found = [
        *_names(settings),
        *week_violations(settings.business_hours, "business_hours"),
        *_numbers(settings),
    ]
    if not found:
        found += _durations(settings)
    return (*found, *_lists(settings))


def _names(settings: OrganizationSettings) -> Iterator[Violation]:
    if settings.timezone not in zone_names():
        message = "This is no time zone of the IANA database."
        yield Violation("timezone", "unknown_timezone", message)
    if _LOCALE.fullmatch(settings.locale) is None:
        yield Violation("locale", "invalid_locale", "Give a locale such as pt-BR.")
    if _CURRENCY.fullmatch(settings.currency) is None:
        yield Violation("currency", "invalid_currency", "Give a currency such as BRL (ISO 4217).")


def _numbers(settings: OrganizationSettings) -> Iterator[Violation]:
    for field, (least, most) in RANGES.items():
        value: int | None = getattr(settings, field)
        if value is not None and not least <= value <= most:
            yield Violation(field, "out_of_range", f"Accepted are {least} to {most}.")


def _durations(settings: OrganizationSettings) -> Iterator[Violation]:
    least = settings.min_duration_minutes or 0
    most = settings.max_duration_minutes or MAX_DURATION_MINUTES
    step = settings.slot_interval_minutes
    if least > most:
        message = "The least duration may not exceed the greatest."
        yield Violation("min_duration_minutes", "min_above_max", message)
    elif max(1, -(-least // step)) * step > most:
        message = f"No multiple of the interval ({step} minutes) lies within the bounds."
        bounded = "min" if settings.max_duration_minutes is None else "max"
        field = f"{bounded}_duration_minutes"
        yield Violation(field, "no_duration_possible", message)


def _lists(settings: OrganizationSettings) -> Iterator[Violation]:
    least, most = _REMINDER
    for index, minutes in enumerate(settings.reminder_minutes_before):
        if not least <= minutes <= most:
            message = f"Accepted are {least} to {most}."
            yield Violation(f"reminder_minutes_before.{index}", "out_of_range", message)
    for field, size, limit in (
        ("reminder_minutes_before", len(settings.reminder_minutes_before), MAX_REMINDERS),
        ("labels", len(settings.labels), MAX_LABELS),
        ("closures", len(settings.closures), MAX_CLOSURES),
    ):
        if size > limit:
            yield Violation(field, "too_many", f"At most {limit} are accepted.")
    for index, closure in enumerate(settings.closures):
        yield from closure_violations(closure, f"closures.{index}")
    if settings.holidays is not None:
        yield from holidays_violations(settings.holidays)
