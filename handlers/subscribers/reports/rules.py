"""Which rules hold on which day, and what a resource's open days come to under them.

The rules of a day are those with which it ended, of a day to come those of now. So the past is not
rewritten when rules change, and is the same whenever it is worked out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from domain.time.clock_hours import HOURS_A_DAY
from domain.time.instant import floor_epoch
from domain.time.zone import load_zone, local_date
from storage.subscriber.report_rules import Rule

Document = Mapping[str, Any]
Hours = tuple[int, ...]
_CLOSED: Hours = (0,) * HOURS_A_DAY


class OpenTime(Protocol):
    """The open time of a tenant's resources under one version of its settings."""

    def of(self, resource_document: Document, first: date, last: date) -> Mapping[date, Hours]:
        """Open seconds of one unit by local hour, for every date from `first` to `last`."""


# What settings come to is the domain's to say, of whose documents a subscriber only hears.
OpenTimeOf = Callable[[Document], OpenTime]
_SETTINGS = ("timezone", "business_hours", "closures", "holidays")
_RESOURCE = (
    *("id", "category_id", "capacity", "timezone", "availability_schedule", "active"),
    *("overrides", "created_at", "deleted_at"),
)


def settings_said(state: Document) -> dict[str, Any]:
    """What settings say of open time, without words."""
    found = {name: state[name] for name in _SETTINGS if name in state}
    return {**found, "closures": [_wordless(one) for one in state["closures"]]}


def resource_said(state: Document) -> dict[str, Any]:
    """What a resource says of open time, without words."""
    found = {name: state[name] for name in _RESOURCE}
    return {**found, "overrides": [_wordless(one) for one in state["overrides"]]}


def _wordless(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("reason", "uid")}


class Calendar:
    """The open days of a tenant's resources. Before any settings were heard of, the defaults
    hold."""

    def __init__(self, settings: Sequence[Rule], open_time_of: OpenTimeOf) -> None:
        self._documents: list[Document] = [one.document for one in settings] or [{}]
        self._since = [one.since for one in settings[1:]]
        self._open_time_of = open_time_of
        self._open_times: dict[int, OpenTime] = {}
        self._begins: dict[str | None, list[date]] = {}

    def days(self, versions: Sequence[Rule], first: date, last: date) -> list[dict[str, Any]]:
        """Every date from `first` to `last` of the resource of these versions: its category and
        capacity, and its open seconds. Before it was made and after it was deleted it is closed."""
        found: list[dict[str, Any]] = []
        begins = [self._date_of(one.since, one.document) for one in versions[1:]]
        cuts = {*begins, *(cut for one in versions for cut in self._begins_for(one.document))}
        starts = sorted({first, *(cut for cut in cuts if first < cut <= last)})
        ends = [date.fromordinal(start.toordinal() - 1) for start in starts[1:]]
        made = self._date_of(_instant(versions[0].document["created_at"]), versions[0].document)
        for start, end in zip(starts, [*ends, last], strict=True):
            resource = versions[_last(begins, start)].document
            gone = resource["deleted_at"]
            until = last if gone is None else self._date_of(_instant(gone), resource)
            hours = self._open_time(_last(self._begins_for(resource), start))
            found += [
                _row(resource, on, seconds if made <= on <= until else _CLOSED)
                for on, seconds in hours.of(resource, start, end).items()
            ]
        return found

    def _open_time(self, version: int) -> OpenTime:
        if version not in self._open_times:
            self._open_times[version] = self._open_time_of(self._documents[version])
        return self._open_times[version]

    def _begins_for(self, resource: Document) -> list[date]:
        """The first date of each version of the settings but the first one, which holds before."""
        own = resource["timezone"]
        if own not in self._begins:
            later = zip(self._since, self._documents[1:], strict=True)
            self._begins[own] = [_date_in(own or _zone(one), at) for at, one in later]
        return self._begins[own]

    def _date_of(self, moment: datetime, resource: Document) -> date:
        """The local date of a resource at an instant, by the settings of that instant."""
        version = sum(1 for since in self._since if since <= moment)
        return _date_in(resource["timezone"] or _zone(self._documents[version]), moment)


def _last(begins: Sequence[date], on: date) -> int:
    """The last version that had begun by the end of the date; 0 is the first one."""
    return max((place for place, begin in enumerate(begins, 1) if begin <= on), default=0)


def _zone(settings: Document) -> str:
    return str(settings.get("timezone") or "UTC")


def _date_in(zone: str, moment: datetime) -> date:
    return local_date(floor_epoch(moment), load_zone(zone))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _row(resource: Document, on: date, hours: Hours) -> dict[str, Any]:
    return {
        "day": on,
        "resource_id": resource["id"],
        "category_id": resource["category_id"],
        "capacity": resource["capacity"],
        "seconds": sum(hours),
        "hours": hours,
    }
