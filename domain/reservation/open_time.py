"""How long a resource is open, by local date and hour: the open time of reports.

Reports count a day from midnight to midnight: a night that opens on Friday is, after midnight,
Saturday's, as the bookings in it are.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.reservation.opening import REACH_DAYS, opening_between, zone_of
from domain.resource.resource import Resource, resource_from_document
from domain.tenant.settings import settings_from_document
from domain.time.clock_hours import HOURS_A_DAY, by_clock_hour
from domain.time.interval import merge

Hours = tuple[int, ...]
CLOSED: Hours = (0,) * HOURS_A_DAY


class OpenTime:
    """The open time of a tenant's resources under one version of its settings."""

    def __init__(self, settings_document: Mapping[str, Any]) -> None:
        self._settings = settings_from_document(settings_document)
        # Resources that keep the same hours are worked out once.
        self._known: dict[tuple[Resource, date, date], dict[date, Hours]] = {}

    def of(
        self, resource_document: Mapping[str, Any], first: date, last: date
    ) -> Mapping[date, Hours]:
        """Open seconds of one unit of the resource for each local hour 0 to 23 of every date from
        `first` to `last`, closures taken off; none while it is inactive."""
        resource = resource_from_document(resource_document)
        # Hours come of nothing else.
        alike = replace(
            resource,
            id="",
            category_id=None,
            kind="space",
            capacity=1,
            buffer_before_minutes=None,
            buffer_after_minutes=None,
        )
        key = alike, first, last
        if key not in self._known:
            self._known[key] = self._worked_out(alike, first, last)
        return self._known[key]

    def _worked_out(self, resource: Resource, first: date, last: date) -> dict[date, Hours]:
        found = {
            date.fromordinal(n): CLOSED for n in range(first.toordinal(), last.toordinal() + 1)
        }
        if not resource.active:
            return found
        zone = zone_of(self._settings, resource)
        days = opening_between(self._settings, resource, first - timedelta(REACH_DAYS), last)
        spans = merge(part for day in days for window in day.windows for part in window.open)
        hours: dict[date, list[int]] = {}
        for span in spans:
            for (on, hour), seconds in by_clock_hour(span, zone).items():
                hours.setdefault(on, [0] * HOURS_A_DAY)[hour] += seconds
        return {on: tuple(hours.get(on, closed)) for on, closed in found.items()}
