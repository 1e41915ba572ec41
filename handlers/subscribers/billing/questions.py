"""What is answered about billing: usage by day, and the statement of a month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from contracts.subscriber.billing import (
    BillingStatement,
    BillingUsage,
    StartedCounts,
    UsageCounts,
)
from contracts.wire.cursor import InvalidCursor
from contracts.wire.strict import rfc3339
from handlers.delivery.named_tenant import query_in_tenant
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Answer, Asked, Done, QueryRoute, Refused, refused
from handlers.subscribers.billing.days import (
    Activity,
    ZoneSince,
    active_resources,
    bounds,
    dates,
)
from handlers.subscribers.billing.metering import CHARGES, CORRECTIONS
from handlers.subscribers.billing.pricing import decimals_of
from storage.delivery.transaction import Reading
from storage.subscriber.billing import (
    LineRow,
    TallyRow,
    activities,
    lines_of_month,
    tally_of_days,
    tally_of_month,
    zones,
)
from storage.subscriber.notifications import sent_between

MOST_DAYS = 366
NO_TENANT = refused("not_found", "There is no such tenant.")
METRICS = tuple(UsageCounts.model_fields)
_UNSAID = dict.fromkeys(("usage", "earlier_months", "amounts"))


async def usage(read: Reading, asked: Asked[BillingUsage]) -> Done | Refused:
    """A UsageView: every day that was asked for, in order."""
    first, last = asked.message.since, asked.message.until
    if last < first:
        return refused("invalid_interval", "to lies before from.")
    if (last - first).days >= MOST_DAYS:
        return refused("range_too_long", f"At most {MOST_DAYS} days are answered at once.")
    counts: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(METRICS, 0))
    for day, metric, quantity in await tally_of_days(read, first, last):
        counts[day][metric] = quantity
    for day, (sent, active) in (await _by_tenants_day(read, first, last)).items():
        counts[day] |= {"messages_sent": sent, "active_resources": active}
    days = [{"date": str(day), **counts[day]} for day in dates(first, last)]
    return Done(200, {"days": days})


class Statements:
    """Answers `billing.statement`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def read(self, read: Reading, asked: Asked[BillingStatement]) -> Done | Refused:
        """A StatementView."""
        query = asked.message
        cursors = Cursors.of(self._secret, f"statement/{query.month}")
        try:
            after = cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        month = date.fromisoformat(f"{query.month}-01")
        summed = await _summed(read, month) if after is None else _UNSAID
        lines = await lines_of_month(read, month, query.limit + 1, after)
        page = cursors.page(read.tenant_id, lines, query.limit, line_view, _place)
        head = {"tenant_id": str(read.tenant_id), "month": query.month}
        return Done(200, {**head, **summed, **page})


async def _summed(read: Reading, month: date) -> dict[str, Any]:
    """What the first page of a statement says beside its lines."""
    tally = await tally_of_month(read, month)
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    by_day = (await _by_tenants_day(read, month, last)).values()
    counted = {row.metric: int(row.quantity) for row in tally if not row.currency}
    usage = {
        **dict.fromkeys(METRICS, 0),
        **counted,
        "messages_sent": sum(sent for sent, _ in by_day),
        "active_resources": max(active for _, active in by_day),
    }
    return {"usage": usage, "earlier_months": _earlier(tally), "amounts": _amounts(tally)}


async def _by_tenants_day(read: Reading, first: date, last: date) -> dict[date, tuple[int, int]]:
    """Messages sent, and resources that were active, by days of the tenant's own zone."""
    known = [ZoneSince(since, timezone) for since, timezone in await zones(read)]
    limits = bounds(first, last, known)
    sent = await sent_between(read, limits)
    found = [Activity(*row) for row in await activities(read, limits[-1])]
    active = active_resources(found, limits, read.now)
    return dict(zip(dates(first, last), zip(sent, active, strict=True), strict=True))


def line_view(row: LineRow) -> dict[str, Any]:
    """A LineView."""
    return {
        "id": str(row.line_id),
        "date": str(row.day),
        "at": rfc3339(row.at),
        "booking_id": str(row.booking_id),
        "resource_id": str(row.resource_id),
        "kind": row.kind,
        "amount": amount_text(row.amount, row.currency),
        "currency": row.currency,
    }


def amount_text(amount: Decimal, currency: str) -> str:
    """The amount with as many decimals as its currency has."""
    return format(amount, f".{decimals_of(currency)}f")


def _earlier(tally: Sequence[TallyRow]) -> dict[str, int]:
    found = {row.metric: int(row.earlier) for row in tally}
    return {name: found.get(name, 0) for name in StartedCounts.model_fields}


def _amounts(tally: Sequence[TallyRow]) -> list[dict[str, str]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in tally:
        if row.currency:
            sums[row.currency][row.metric] = row.quantity
    return [_amount_view(currency, sums[currency]) for currency in sorted(sums)]


def _amount_view(currency: str, sums: Mapping[str, Decimal]) -> dict[str, str]:
    charges, corrections = (sums.get(name, Decimal(0)) for name in (CHARGES, CORRECTIONS))
    return {
        "currency": currency,
        "charges": amount_text(charges, currency),
        "corrections": amount_text(corrections, currency),
        "total": amount_text(charges + corrections, currency),
    }


def _place(row: LineRow) -> list[str]:
    return [rfc3339(row.at), str(row.line_id)]


def billing_routes(secret: str) -> tuple[QueryRoute, ...]:
    """Every message that billing answers."""
    return (
        query_in_tenant(BillingUsage, _where_known(usage), of_deleted=True),
        query_in_tenant(BillingStatement, _where_known(Statements(secret).read), of_deleted=True),
    )


def _where_known(answer: Answer) -> Answer:
    """The platform reads the bill of a deleted tenant, which was one: nobody asks whose it is."""

    async def known(read: Reading, asked: Asked[Any]) -> Done | Refused:
        if asked.actor.kind == "platform" and not await zones(read):
            return NO_TENANT
        return await answer(read, asked)

    return known
