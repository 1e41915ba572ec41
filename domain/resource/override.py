"""Overrides: what a resource does on one date instead of its usual week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.time.violation import Malformed, Violation
from domain.time.wall import Windows, windows_from_document, windows_to_document, windows_violations


@dataclass(frozen=True, slots=True)
class Override:
    """Closed, or windows of its own; `beyond_business_hours` also beats the tenant's closures."""

    id: str
    on: date
    closed: bool = False
    windows: Windows = ()
    beyond_business_hours: bool = False
    reason: str = ""

    @property
    def opens(self) -> Windows:
        return () if self.closed else self.windows


def override_from_document(document: Any) -> Override:
    """The override of `{"id", "date", "closed", "windows", …}`. Raises `Malformed`."""
    if not isinstance(document, Mapping):
        raise Malformed("an override is an object")
    return Override(
        id=str(document.get("id") or ""),
        on=_date(document.get("date")),
        closed=bool(document.get("closed")),
        windows=windows_from_document(document.get("windows") or ()),
        beyond_business_hours=bool(document.get("beyond_business_hours")),
        reason=str(document.get("reason") or ""),
    )


def override_to_document(override: Override) -> dict[str, Any]:
    return {
        "id": override.id,
        "date": override.on.isoformat(),
        "closed": override.closed,
        "windows": windows_to_document(override.windows),
        "beyond_business_hours": override.beyond_business_hours,
        "reason": override.reason,
    }


def override_violations(
    override: Override, others: Iterable[Override] = (), field: str = ""
) -> tuple[Violation, ...]:
    """What is wrong with an override beside the resource's others: a date has one at most."""
    prefix = f"{field}." if field else ""
    found = list(windows_violations(override.windows, f"{prefix}windows"))
    if override.closed == bool(override.windows):
        message = "Give closed, or windows of its own."
        found.append(Violation(f"{prefix}windows", "one_of", message))
    if any(other.on == override.on and other.id != override.id for other in others):
        message = "There is an override for this date already."
        found.append(Violation(f"{prefix}date", "date_taken", message))
    return tuple(found)


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f"{value!r} is no date") from None
