"""OrganizationSettings and their JSON document: what the HTTP API shows and the cache holds."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from domain.tenant.closure import (
    Closure,
    DateClosure,
    InstantClosure,
    closure_from_document,
    closure_to_document,
)
from domain.tenant.holidays import Holidays, holidays_from_document, holidays_to_document
from domain.tenant.patch import merge_patch
from domain.tenant.ranges import settings_violations
from domain.tenant.rules import DEFAULT_SETTINGS, OrganizationSettings
from domain.time.violation import Malformed, Violation
from domain.time.wall import week_from_document, week_to_document

__all__ = [
    "DEFAULT_SETTINGS",
    "Closure",
    "DateClosure",
    "Holidays",
    "InstantClosure",
    "Malformed",
    "OrganizationSettings",
    "Violation",
    "merge_patch",
    "settings_from_document",
    "settings_to_document",
    "settings_violations",
]

_NULLABLE = frozenset(
    {
        "min_duration_minutes",
        "max_duration_minutes",
        "reschedule_window_hours",
        "max_active_bookings_per_user",
    }
)


def settings_from_document(document: Mapping[str, Any]) -> OrganizationSettings:
    """The settings of a JSON document; what is left out or null has its default.

    Members that are no setting (`version`, `updated_at`) are passed over. Only the shape is
    checked here, ranges are for `settings_violations`. Raises `Malformed`.
    """
    if not isinstance(document, Mapping):
        raise Malformed("settings are an object")
    given: dict[str, Any] = {}
    for field in fields(OrganizationSettings):
        value = document.get(field.name)
        if value is not None:
            given[field.name] = _read(field.name, value)
    return OrganizationSettings(**given)


def settings_to_document(settings: OrganizationSettings) -> dict[str, Any]:
    """The JSON document with every setting; reading it again gives equal settings."""
    document: dict[str, Any] = {
        field.name: getattr(settings, field.name) for field in fields(OrganizationSettings)
    }
    return {
        **document,
        "business_hours": week_to_document(settings.business_hours),
        "reminder_minutes_before": list(settings.reminder_minutes_before),
        "labels": dict(settings.labels),
        "closures": [closure_to_document(closure) for closure in settings.closures],
        "holidays": None if settings.holidays is None else holidays_to_document(settings.holidays),
    }


def _read(name: str, value: Any) -> Any:
    match name:
        case "business_hours":
            return week_from_document(value)
        case "closures":
            return tuple(closure_from_document(closure) for closure in _list(name, value))
        case "holidays":
            return holidays_from_document(value)
        case "reminder_minutes_before":
            return tuple(cast(int, _typed(name, minutes, int)) for minutes in _list(name, value))
        case "labels":
            if not isinstance(value, Mapping):
                raise Malformed("labels are an object")
            return {str(word): str(_typed(name, own, str)) for word, own in value.items()}
        case _ if name in _NULLABLE:
            return _typed(name, value, int)
        case _:
            return _typed(name, value, type(getattr(DEFAULT_SETTINGS, name)))


def _typed(name: str, value: Any, kind: type) -> Any:
    # A bool is an int to Python, and no number to JSON.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Malformed(f"{name} is {kind.__name__}, not {value!r}")
    return value


def _list(name: str, value: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise Malformed(f"{name} is a list")
    return value
