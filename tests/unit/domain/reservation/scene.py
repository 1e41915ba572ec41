"""A tenant and a resource, and what the tests ask of them in the words of the field."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.reservation.acceptance import Accepted, Refused, Request, decide
from domain.reservation.availability import Slot, availability, busy_range
from domain.reservation.booking import terms_for
from domain.reservation.capacity import Busy
from domain.resource.resource import Resource, resource_from_document
from domain.tenant.settings import OrganizationSettings, settings_from_document
from tests.unit.domain.civil import WEEK, shown, utc

EARLY = utc("2000-01-01 00:00")
Hours = list[tuple[str, str]]


def windows(hours: Hours) -> list[dict[str, str]]:
    return [{"start": start, "end": end} for start, end in hours]


def every_day(*hours: tuple[str, str]) -> dict[str, list[dict[str, str]]]:
    return {day: windows(list(hours)) for day in WEEK}


def tenant(hours: dict[str, Any] | None = None, **more: Any) -> OrganizationSettings:
    """Settings with these hours, an hour's grid and no horizon to speak of."""
    document = {"slot_interval_minutes": 60, "max_advance_days": 3660, **more}
    if hours is not None:
        document["business_hours"] = hours
    return settings_from_document(document)


def room(**more: Any) -> Resource:
    return resource_from_document({"id": "room", "kind": "space", **more})


def override(on: str, *hours: tuple[str, str], beyond: bool = False) -> dict[str, Any]:
    """An override of one date; without hours it is closed."""
    return {
        "id": on,
        "date": on,
        "closed": not hours,
        "windows": windows(list(hours)),
        "beyond_business_hours": beyond,
    }


def slots(
    settings: OrganizationSettings,
    resource: Resource,
    on: str,
    *,
    minutes: int | None = None,
    now: float | None = None,
    busy: Sequence[Busy] = (),
    quantity: int = 1,
    exclude: str | None = None,
) -> tuple[Slot, ...]:
    """The slots of one date, asked the day before it unless `now` says otherwise."""
    day = date.fromisoformat(on)
    at = utc(on + " 00:00") - 2 * 86_400 if now is None else now
    length = None if minutes is None else minutes * 60
    return availability(settings, resource, day, day, length, at, busy, quantity, exclude)[0].slots


def starts(settings: OrganizationSettings, resource: Resource, on: str, **more: Any) -> list[str]:
    return shown(*(slot.start for slot in slots(settings, resource, on, **more)))


def reasons(
    settings: OrganizationSettings, resource: Resource, on: str, **more: Any
) -> list[str | None]:
    return [slot.reason for slot in slots(settings, resource, on, **more)]


def ask(
    settings: OrganizationSettings,
    resource: Resource,
    start: str,
    end: str,
    *,
    quantity: int = 1,
    now: float | None = None,
    **more: Any,
) -> Accepted | Refused:
    """A booking from `start` to `end`, asked an hour before it unless `now` says otherwise."""
    request = Request(utc(start), utc(end), quantity)
    at = utc(start) - 3600 if now is None else now
    more.setdefault("busy", ())
    return decide(settings, resource, terms_for(settings, resource), request, at, **more)


def codes(answer: Accepted | Refused) -> list[str]:
    return [found.code for found in answer.violations] if isinstance(answer, Refused) else []


def taken(start: str, end: str, quantity: int = 1, name: str = "other") -> Busy:
    return Busy(name, utc(start), utc(end), quantity)


def needed(settings: OrganizationSettings, resource: Resource, on: str) -> list[str]:
    day = date.fromisoformat(on)
    stretch = busy_range(settings, resource, day, day)
    return shown(stretch.start, stretch.end)
