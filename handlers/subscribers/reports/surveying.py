"""Working out open days: ahead of time, and what a question finds missing."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.subscriber.reports import ReportSurvey
from handlers.delivery.asking import Asker
from handlers.delivery.work import Asked, Done, Outcome, Unavailable
from handlers.subscribers.reports.rules import Calendar, OpenTimeOf
from journal.notes import note
from storage.delivery.errors import Trouble, trouble_of
from storage.delivery.transaction import Writing
from storage.subscriber.report_rules import (
    Rule,
    add_open_days,
    end_survey,
    lock_rules,
    rules_of,
    to_be_surveyed,
    unsurveyed,
)

# So many days of resources in one transaction: others wait for it.
AT_ONCE = 4_000
# What is asked for most: the year that was, and the months to come.
BACK, AHEAD = timedelta(days=366), timedelta(days=92)
# A day before it would be missed.
_ENOUGH = timedelta(days=62)
_EVERY_SECONDS = 5.0
# Whoever sets up an organisation changes its rules many times over: worked out is what stays.
QUIET_SECONDS = 300.0


class Survey:
    """Handles `report.survey`."""

    def __init__(self, open_time_of: OpenTimeOf) -> None:
        self._open_time_of = open_time_of

    async def decide(self, work: Writing, asked: Asked[ReportSurvey]) -> Outcome:
        """`left` resources have days between the dates that are not worked out yet."""
        command = asked.message
        first = command.first or work.now.date() - BACK
        last = command.last or work.now.date() + AHEAD
        await lock_rules(work)
        missing = await unsurveyed(work, first, last)
        days = last.toordinal() - first.toordinal() + 1
        now = missing[: max(1, AT_ONCE // days)]
        if now:
            await self._work_out(work, now, first, last)
        left = len(missing) - len(now)
        if left == 0:
            await end_survey(work, first, last)
        return Done(200, {"left": left})

    async def _work_out(
        self, work: Writing, resources: Sequence[UUID], first: date, last: date
    ) -> None:
        calendar = Calendar(await rules_of(work, "settings"), self._open_time_of)
        versions: dict[UUID, list[Rule]] = {}
        for rule in await rules_of(work, "resource", resources):
            versions.setdefault(rule.object_id, []).append(rule)
        rows = [row for one in versions.values() for row in calendar.days(one, first, last)]
        await add_open_days(work, rows)


class Surveyor:
    """Has the open days worked out of every tenant who has asked for reports before, once its rules
    have changed and stayed, or its time has come: a timer of its own. A first question works out
    what it needs."""

    def __init__(
        self, engine: AsyncEngine, asker: Asker, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._quiet = quiet_seconds
        self._engine = engine
        self._asker = asker
        # Those that are gone, say: what is asked of them later is worked out then.
        self._refused: set[UUID] = set()

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.round()
            except Unavailable as failure:
                note(logging.INFO, "open days are worked out later", reason=str(failure))
            except Exception as failure:  # the one place: an outage is waited for, the rest raised
                away = isinstance(failure, RedisError) or trouble_of(failure) is not Trouble.BUG
                if not away:
                    raise
                note(logging.INFO, "cannot survey now", error=type(failure).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def round(self) -> None:
        """Afterwards every such tenant has its open days, as far as they are asked for most."""
        for tenant_id in await to_be_surveyed(self._engine, _ENOUGH.days, self._quiet):
            left: int | None = None if tenant_id in self._refused else 1
            while left:
                left = await resources_left(self._asker, tenant_id, ReportSurvey())
            if left is None:
                self._refused.add(tenant_id)


async def resources_left(asker: Asker, tenant_id: UUID, survey: ReportSurvey) -> int | None:
    """How many are left after one more survey; None where it is refused. Raises Unavailable."""
    reply = await asker.ask(survey, tenant_id)
    if reply.status >= 500:
        raise Unavailable(f"a survey was answered {reply.status}")
    return int(reply.body["left"]) if reply.status == 200 else None
