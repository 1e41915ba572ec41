"""Closures of a tenant: adding, listing and taking them back, the holidays of its country too."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from contracts.tenant.commands import ClosureCreate, ClosureDelete
from contracts.tenant.queries import ClosureList
from contracts.wire.identity import object_id_for_command
from domain.tenant.holidays import Holidays, holidays_from_document
from domain.time.zone import load_zone
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused
from handlers.tenant.settings import closure_document, done, locked, stored
from handlers.tenant.views import effective
from storage.delivery.transaction import Reading, Writing
from storage.tenant.repository import DocumentRow, find_settings, find_tenant

# Holidays of so many days are listed at most: the furthest horizon that settings allow.
LISTED_DAYS = 3_660
# The years of the contract's dates.
_YEARS = range(2000, 2101)


async def create_closure(work: Writing, asked: Asked[ClosureCreate]) -> Outcome:
    """Adds a time at which nothing opens."""
    row = await locked(work, asked.message)
    if isinstance(row, Refused):
        return row
    closures = effective(row.document)["closures"]
    given = asked.message.closure
    closure_id = given.id or object_id_for_command(asked.envelope.id)
    if any(closure["id"] == str(closure_id) for closure in closures):
        return refused("id_in_use", "Another closure has this id.")
    closure = closure_document(given, closure_id)
    saved = await stored(work, row, {**row.document, "closures": [*closures, closure]})
    if isinstance(saved, Refused):
        return saved
    return done(asked, row, saved, {**closure, "version": saved.version}, status=201)


async def delete_closure(work: Writing, asked: Asked[ClosureDelete]) -> Outcome:
    """Removes one of the tenant's closures, or opens on a holiday."""
    row = await locked(work, asked.message)
    if isinstance(row, Refused):
        return row
    document = effective(row.document)
    kept = [one for one in document["closures"] if one["id"] != str(asked.message.closure_id)]
    if len(kept) < len(document["closures"]):
        change: dict[str, Any] = {"closures": kept}
    else:
        holiday = _date_of(row, asked.message.closure_id, work.now.year)
        if holiday is None:
            return refused("not_found", "There is no such closure.")
        holidays = document["holidays"]
        change = {"holidays": {**holidays, "except": [*holidays["except"], holiday.isoformat()]}}
    saved = await stored(work, row, {**row.document, **change})
    return saved if isinstance(saved, Refused) else done(asked, row, saved, None, status=204)


async def list_closures(read: Reading, asked: Asked[ClosureList]) -> Done | Refused:
    """Own closures and holidays, by their beginning."""
    query = asked.message
    if await find_tenant(read, query.tenant_id) is None:
        return refused("not_found", "There is no such tenant.")
    row = await find_settings(read, query.tenant_id)
    if row is None:
        return refused("not_found", "There is no such tenant.")
    document = effective(row.document)
    year = read.now.astimezone(load_zone(document["timezone"])).year
    first, last = _range(query, year)
    if last < first:
        return refused("invalid_interval", "to lies before from.")
    if (last - first).days >= LISTED_DAYS:
        return refused("range_too_long", f"At most {LISTED_DAYS} days are listed.")
    everything = query.first is None and query.last is None
    own = [one for one in document["closures"] if everything or _touches(one, first, last)]
    items = [{**one, "source": "own"} for one in own]
    items += _listed(row, document, first, last)
    items.sort(key=_beginning)
    return Done(200, {"items": items, "next_cursor": None})


def _range(query: ClosureList, year: int) -> tuple[date, date]:
    """What is not said: from the start of this year, to the end of the year after that."""
    if query.first is not None:
        year = query.first.year
    elif query.last is not None:
        year = min(year, query.last.year)
    first = query.first or date(year, 1, 1)
    return first, query.last or date(min(year + 1, _YEARS[-1]), 12, 31)


def _touches(closure: dict[str, Any], first: date, last: date) -> bool:
    """Whether a closure as it is stored has anything to do with the dates. Instants are held
    against dates of UTC, a day more on either side: a zone's date is never further off."""
    if "starts_on" in closure:
        starts, ends, slack = closure["starts_on"], closure["ends_on"], 0
    else:
        starts, ends, slack = closure["starts_at"][:10], closure["ends_at"][:10], 1
    begins, finishes = date.fromisoformat(starts), date.fromisoformat(ends)
    return (begins - last).days <= slack and (first - finishes).days <= slack


def _listed(
    row: DocumentRow, document: dict[str, Any], first: date, last: date
) -> Iterator[dict[str, Any]]:
    if document["holidays"] is None:
        return
    holidays = holidays_from_document(document["holidays"])
    for on, name in holidays.within(first, last, document["locale"]):
        yield {
            "id": str(holiday_id(row.tenant_id, holidays.country, on)),
            "starts_on": on.isoformat(),
            "ends_on": on.isoformat(),
            "reason": name[:200],
            "source": "holiday",
        }


def holiday_id(tenant_id: UUID, country: str, on: date) -> UUID:
    """The same in every list; a holiday is stored nowhere."""
    return uuid5(tenant_id, f"holiday\n{country}\n{on.isoformat()}")


def _date_of(row: DocumentRow, closure_id: UUID, year: int) -> date | None:
    """The holiday with this id, looked for from this year outwards."""
    document = effective(row.document)["holidays"]
    if document is None:
        return None
    holidays = holidays_from_document(document)
    return next(
        (
            on
            for near in sorted(_YEARS, key=lambda other: abs(other - year))
            for on in _of_year(holidays, near)
            if holiday_id(row.tenant_id, holidays.country, on) == closure_id
        ),
        None,
    )


def _of_year(holidays: Holidays, year: int) -> Iterator[date]:
    """Names do not matter here: the country's own are at hand from deciding."""
    for on, _ in holidays.within(date(year, 1, 1), date(year, 12, 31), ""):
        yield on


def _beginning(closure: dict[str, Any]) -> str:
    start: str = closure.get("starts_on") or closure["starts_at"]
    return start
