"""A bookable resource: a person, a piece of equipment or a space, and when it is available."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.resource.override import (
    Override,
    override_from_document,
    override_to_document,
    override_violations,
)
from domain.time.violation import Malformed, Violation
from domain.time.wall import Week, week_from_document, week_violations
from domain.time.zone import zone_names

__all__ = [
    "KINDS",
    "Malformed",
    "Override",
    "Resource",
    "Violation",
    "override_from_document",
    "override_to_document",
    "override_violations",
    "resource_from_document",
    "resource_violations",
    "schedule_from_document",
    "schedule_violations",
]

KINDS = frozenset({"person", "equipment", "space"})
MAX_CAPACITY = 100_000
MAX_BUFFER_MINUTES = 1_440


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a booking is decided on; null in a rule means the tenant's own."""

    id: str
    category_id: str | None = None
    kind: str = "space"
    capacity: int = 1
    timezone: str | None = None
    availability_schedule: Week | None = None
    buffer_before_minutes: int | None = None
    buffer_after_minutes: int | None = None
    active: bool = True
    overrides: tuple[Override, ...] = ()


def resource_from_document(document: Mapping[str, Any]) -> Resource:
    """The resource of its public JSON; members that decide nothing are passed over.

    Raises `Malformed`.
    """
    if not document.get("id"):
        raise Malformed("a resource is an object with an id")
    given = {name: value for name, value in document.items() if value is not None}
    category, schedule = given.get("category_id"), given.get("availability_schedule")
    return Resource(
        id=str(given["id"]),
        category_id=None if category is None else str(category),
        kind=str(given.get("kind", "space")),
        capacity=_whole("capacity", given.get("capacity", 1)),
        timezone=given.get("timezone"),
        availability_schedule=None if schedule is None else schedule_from_document(schedule),
        buffer_before_minutes=_optional("buffer_before_minutes", given),
        buffer_after_minutes=_optional("buffer_after_minutes", given),
        active=bool(given.get("active", True)),
        overrides=tuple(override_from_document(one) for one in given.get("overrides", ())),
    )


def schedule_from_document(document: Any) -> Week:
    """A week in the shape of `business_hours`. Raises `Malformed`."""
    return week_from_document(document)


def schedule_violations(schedule: Week) -> tuple[Violation, ...]:
    """Where windows overlap, within a day, into the next, or from Sunday into Monday."""
    return week_violations(schedule, "availability_schedule")


def resource_violations(resource: Resource) -> tuple[Violation, ...]:
    """Everything that is wrong with the resource; empty is sound."""
    found = [*_simple(resource)]
    if resource.availability_schedule is not None:
        found += schedule_violations(resource.availability_schedule)
    for index, override in enumerate(resource.overrides):
        earlier = resource.overrides[:index]
        found += override_violations(override, earlier, f"overrides.{index}")
    return tuple(found)


def _simple(resource: Resource) -> Iterator[Violation]:
    if resource.kind not in KINDS:
        yield Violation("kind", "invalid_value", f"Kinds are {', '.join(sorted(KINDS))}.")
    if not 1 <= resource.capacity <= MAX_CAPACITY:
        yield Violation("capacity", "out_of_range", f"Accepted are 1 to {MAX_CAPACITY}.")
    if resource.timezone is not None and resource.timezone not in zone_names():
        message = "This is no time zone of the IANA database."
        yield Violation("timezone", "unknown_timezone", message)
    for field, minutes in (
        ("buffer_before_minutes", resource.buffer_before_minutes),
        ("buffer_after_minutes", resource.buffer_after_minutes),
    ):
        if minutes is not None and not 0 <= minutes <= MAX_BUFFER_MINUTES:
            yield Violation(field, "out_of_range", f"Accepted are 0 to {MAX_BUFFER_MINUTES}.")


def _whole(field: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{field} is a whole number, not {value!r}")
    return value


def _optional(field: str, given: Mapping[str, Any]) -> int | None:
    return _whole(field, given[field]) if field in given else None
