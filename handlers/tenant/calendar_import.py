"""Importing closures from a calendar file (`.ics`), so that importing it again changes nothing."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.tenant.commands import ClosureImport
from domain.tenant.ranges import MAX_CLOSURES
from handlers.delivery.work import Asked, Outcome, Refused, Unavailable, refused, refused_fields
from handlers.tenant.settings import done, locked, stored
from handlers.tenant.views import effective
from storage.delivery.transaction import Writing, reading
from storage.tenant.repository import find_settings

# Processor time for one file; and the time to wait for that and for a turn, on a machine that gives
# it none: shorter than a handler is waited for.
CPU_SECONDS = 5
PATIENCE_SECONDS = 8.0
AT_ONCE = 2
# So many are listed; how many there are is said besides.
LISTED = 200
# What a tenant's closures may come to in JSON: an event about them carries them three times over.
MAX_CLOSURES_BYTES = 350_000
PAST = timedelta(days=366)
AHEAD_DAYS = 731
_READER = "handlers.tenant.calendar_reading"
_ROOT = Path(__file__).parents[2]
# The zones of the tzdata package, whatever the machine has; nothing of this process's secrets.
_ENVIRONMENT = {"PYTHONTZPATH": "", "PYTHONUTF8": "1"}
_OUT_OF_BOUNDS = {"unreadable": "The calendar takes too long to read."}


class CalendarImport:
    """Handles `closure.import`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def prepare(self, asked: Asked[ClosureImport]) -> dict[str, Any]:
        """What the file closes from a year ago to the tenant's horizon, two years at least."""
        async with reading(self._engine, asked.tenant_id) as read:
            row = await find_settings(read, asked.message.tenant_id)
            now = read.now.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        document = effective({} if row is None else row.document)
        ahead = timedelta(days=max(AHEAD_DAYS, document["max_advance_days"]))
        request = {
            "text": asked.message.calendar,
            "timezone": document["timezone"],
            "since": (now - PAST).isoformat(),
            "until": (now + ahead).isoformat(),
            "limit": MAX_CLOSURES,
            "cpu_seconds": CPU_SECONDS,
        }
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._turns:
                return await read_apart(orjson.dumps(request))
        except TimeoutError:
            raise Unavailable("the calendar was not read in time") from None

    async def decide(self, work: Writing, asked: Asked[ClosureImport]) -> Outcome:
        """Afterwards the closures of the file's events are those of the file."""
        row = await locked(work, asked.message)
        if isinstance(row, Refused):
            return row
        found = asked.prepared
        if "unreadable" in found:
            return refused("invalid_calendar", found["unreadable"])
        given = [closure_of(row.tenant_id, event) for event in found["events"]]
        uids = {one["uid"] for one in (*given, *found["skipped"])}
        closures = effective(row.document)["closures"]
        before = {one["id"]: one for one in closures if one.get("uid") in uids}
        after = {one["id"]: one for one in given}
        kept = [
            after.get(one["id"], one)
            for one in closures
            if one["id"] not in before or one["id"] in after
        ]
        new = [one for one in given if one["id"] not in before]
        if len(orjson.dumps([*kept, *new])) > MAX_CLOSURES_BYTES:
            message = f"All closures together may have {MAX_CLOSURES_BYTES} bytes."
            return refused_fields("invalid_settings", [("closures", "too_large", message)])
        saved = await stored(work, row, {**row.document, "closures": [*kept, *new]})
        if isinstance(saved, Refused):
            return saved
        same = sum(before.get(one["id"]) == one for one in given)
        body = {
            "imported": len(new),
            "updated": len(given) - len(new) - same,
            "unchanged": same,
            "removed": len(before.keys() - after.keys()),
            "skipped": found["skipped"][:LISTED],
            "skipped_count": len(found["skipped"]),
            "closures": given[:LISTED],
            "version": saved.version,
        }
        return done(asked, row, saved, body, status=201)


def closure_of(tenant_id: UUID, event: dict[str, Any]) -> dict[str, Any]:
    """The closure of an event as it is stored; an event that moves keeps its closure's id."""
    occurrence = event["occurrence"]
    when = {name: value for name, value in event.items() if name != "occurrence"}
    closure_id = uuid5(tenant_id, f"calendar\n{event['uid']}\n{occurrence}")
    return {**when, "id": str(closure_id)}


async def read_apart(request: bytes) -> dict[str, Any]:
    """What the reader answers. Whatever ends it (its limits, a file that no package foresaw) makes
    the file unreadable. It ends with whoever waits for it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _READER),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=_ROOT,
        env=_ENVIRONMENT,
    )
    try:
        answer, _ = await process.communicate(request)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        return _OUT_OF_BOUNDS
    found: dict[str, Any] = orjson.loads(answer)
    return found
