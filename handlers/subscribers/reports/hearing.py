"""What the figures follow: bookings, and the rules that open time comes of."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import Envelope
from handlers.subscribers.reports.facts import fact_of
from handlers.subscribers.reports.figures import difference
from handlers.subscribers.reports.rules import resource_said, settings_said
from storage.delivery.transaction import Writing
from storage.subscriber.report_figures import Fact, add_figures, fact_for_change, save_fact
from storage.subscriber.report_rules import Rule, add_rule, lock_rules, throw_away

_BOOKINGS = frozenset(
    {
        "booking.created",
        "booking.updated",
        "booking.cancelled",
        "booking.status_changed",
        "booking.hold_expired",
    }
)
_RESOURCES = frozenset(
    {"resource.created", "resource.updated", "resource.deleted", "resource.restored"}
)
_SETTINGS = "tenant.settings_updated"
HEARD = _BOOKINGS | _RESOURCES | {_SETTINGS}
CONTEXTS = ("tenant", "resource", "reservation")
# The first date that an instant can have anywhere is the day before that in UTC.
_A_DAY = timedelta(days=1)


async def hear(work: Writing, event: Envelope) -> None:
    """Afterwards the figures have the booking as it is, or the rules are known; events that come
    late, again or in another order change nothing of that."""
    state = orjson.loads(event.data)
    if event.type in _BOOKINGS:
        await _count(work, UUID(state["id"]), state)
    else:
        await _learn(work, rule_of(event, state))


async def _count(work: Writing, booking_id: UUID, state: dict[str, Any]) -> None:
    sequence, before = await fact_for_change(work, booking_id)
    after = fact_of(state)
    if before is not None:
        after = _merged(before, after, newer=state["version"] > sequence)
    if after == before and state["version"] <= sequence:
        return
    await add_figures(work, difference(before, after))
    await save_fact(work, booking_id, max(sequence, state["version"]), after)


def _merged(before: Fact, heard: Fact, *, newer: bool) -> Fact:
    """The newer of both, with what either knows of the cancellation."""
    cancelled_from = heard.cancelled_from or before.cancelled_from
    return replace(heard if newer else before, cancelled_from=cancelled_from)


def rule_of(event: Envelope, state: dict[str, Any]) -> Rule:
    """What the event of settings or of a resource says of open time."""
    since = datetime.fromisoformat(event.time)
    if event.type == _SETTINGS:
        whose = UUID(state["tenant_id"])
        return Rule("settings", whose, state["version"], since, settings_said(state))
    return Rule("resource", UUID(state["id"]), state["version"], since, resource_said(state))


async def _learn(work: Writing, rule: Rule) -> None:
    await lock_rules(work)
    if not await add_rule(work, rule):
        return
    since: date = (rule.since - _A_DAY).date()
    await throw_away(work, since, None if rule.kind == "settings" else rule.object_id)
