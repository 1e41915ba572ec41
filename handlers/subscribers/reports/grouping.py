"""Sums by date, folded into the rows of a report: weeks and months, and times without anything."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from contracts.subscriber.reports import GroupBy
from contracts.wire.identity import NIL
from domain.time.wall import DAYS
from storage.subscriber.report_sums import By, Sums

# What has to be summed up for a row: weeks and months are made of days.
SUMMED: dict[GroupBy, By] = {
    "day": "day",
    "week": "day",
    "month": "day",
    "resource": "resource",
    "category": "category",
    "weekday_hour": "weekday_hour",
}
Row = tuple[dict[str, Any], tuple[int, ...]]


def grouped(group_by: GroupBy, first: date, last: date, sums: Sums, width: int) -> list[Row]:
    """Each group, named as in the answer, with its sums. Times are all there, in their order;
    resources and categories are those that there is something of."""
    found: dict[Any, list[int]] = {key: [0] * width for key in _times(group_by, first, last)}
    for key, amounts in sums:
        kept = found.setdefault(_key(group_by, key), [0] * width)
        for place, amount in enumerate(amounts):
            kept[place] += amount
    keys = sorted(found, key=lambda key: (key is None, key))
    return [(_named(group_by, key), tuple(found[key])) for key in keys]


def _times(group_by: GroupBy, first: date, last: date) -> Iterator[Any]:
    if group_by in ("resource", "category"):
        return
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        on = date.fromordinal(ordinal)
        if group_by == "weekday_hour":
            yield from ((on.isoweekday(), hour) for hour in range(24))
        else:
            yield _key(group_by, on)


def _key(group_by: GroupBy, key: Any) -> Any:
    """What a group is sorted and found by. No category is None, however it is stored."""
    if group_by == "week":
        year, week, _ = key.isocalendar()
        return year, week
    if group_by == "month":
        return key.year, key.month
    return None if key == NIL else key


def _named(group_by: GroupBy, key: Any) -> dict[str, Any]:
    match group_by:
        case "day":
            return {"day": key.isoformat()}
        case "week":
            return {"week": f"{key[0]}-W{key[1]:02d}"}
        case "month":
            return {"month": f"{key[0]}-{key[1]:02d}"}
        case "weekday_hour":
            return {"weekday": DAYS[key[0] - 1], "hour": key[1]}
        case _:
            return {f"{group_by}_id": None if key is None else str(key)}
