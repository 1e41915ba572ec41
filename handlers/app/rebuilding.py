"""Making a subscriber's tables again, from the archived events and those in the outboxes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.wire.streams import PUBLISHING
from handlers.delivery.beginning_again import AT_ONCE, hear_again, missing
from handlers.delivery.events import Consume, InTransaction
from handlers.delivery.settings import ProcessSettings
from handlers.subscribers.auditing import Recorder
from handlers.subscribers.billing import hearing as billing
from handlers.subscribers.reports import hearing as reports
from journal.notes import note
from storage.delivery.emptying import alone, empty
from storage.delivery.engine import make_engine
from storage.subscriber.rebuilding import TABLES_OF

DATABASE = "subscriber"
# Mails and webhooks are not among them: what was sent is not sent again.
REBUILT = ("audit", "billing", "report")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a subscriber makes of events: of which contexts and types (all, when empty), and how."""

    contexts: Sequence[str]
    types: frozenset[str]
    consume: Consume


def heard_by(settings: ProcessSettings) -> Mapping[str, Heard]:
    """Each of REBUILT as its process has it. The trail is not emptied: what is missing is added."""
    return {
        "audit": Heard(tuple(PUBLISHING), frozenset(), Recorder(settings.keyring).record),
        "billing": Heard(billing.SOURCES, billing.TYPES, billing.hear),
        "report": Heard(reports.CONTEXTS, frozenset(reports.HEARD), reports.hear),
    }


async def rebuild(settings: ProcessSettings, chosen: Sequence[str], *, whatever: bool) -> int:
    """Each of `chosen`, while its process runs or not; the exit status, 1 where an event failed.
    Where not every event is kept nothing is done, but for `whatever` there is."""
    heard = heard_by(settings)
    names = {context for one in chosen for context in heard[one].contexts}
    timers = {
        database: make_engine(settings.timer_database_url(database), connections=2, name="rebuild")
        for database in {DATABASE, *(PUBLISHING[name] for name in names)}
    }
    url = settings.database_url(DATABASE)
    ours = make_engine(url, connections=AT_ONCE + 1, name="rebuild")
    try:
        gone = await missing({name: timers[PUBLISHING[name]] for name in sorted(names)})
        for one in gone:
            note(
                logging.WARNING if whatever else logging.ERROR,
                "not every event is kept",
                context=one.context,
                forgotten_up_to=one.forgotten_up_to,
            )
        if gone and not whatever:
            return 1
        status = 0
        for name in chosen:
            outboxes = {one: timers[PUBLISHING[one]] for one in heard[name].contexts}
            async with alone(timers[DATABASE], name) as got:
                if not got:
                    note(logging.ERROR, "it is being rebuilt already", subscriber=name)
                    return 1
                await empty(timers[DATABASE], name, TABLES_OF[name])
                effect = InTransaction(name, ours, heard[name].consume)
                count, failed = await hear_again(outboxes, heard[name].types, effect)
            level = logging.ERROR if failed else logging.INFO
            note(level, "rebuilt", subscriber=name, events=count, not_heard=failed)
            status = 1 if failed else status
        return status
    finally:
        for engine in (*timers.values(), ours):
            await engine.dispose()
