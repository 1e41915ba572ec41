"""What one booking adds to the figures: pure, so that taking it back is the same with a minus.

Booked time counts where it lies, hour by hour; everything else where the booking starts. Both by
the clocks of the zone in which it was booked.
"""

from bisect import bisect_right
from collections import Counter
from datetime import datetime, timedelta

from contracts.wire.identity import NIL
from domain.time.clock_hours import by_clock_hour
from domain.time.instant import floor_epoch
from domain.time.interval import Interval
from domain.time.zone import in_zone, load_zone
from storage.subscriber.report_figures import DayKey, Fact, HourKey, Key
from storage.subscriber.report_tables import AHEADS, BOOKED, NOTICES

# Its time was kept for it, whoever came; a hold keeps a place for minutes, and is no booking yet.
KEPT = frozenset({"pending", "confirmed", "checked_in", "completed", "no_show"})
# Where the steps of a histogram begin: below the first is after the start.
STEPS = (0, 3_600, 4 * 3_600, 24 * 3_600, 72 * 3_600, 168 * 3_600)
Shares = dict[Key, Counter[str]]


def shares_of(fact: Fact | None) -> Shares:
    """The amounts by the sums that they belong to; nothing for None."""
    found: Shares = {}
    if fact is None:
        return found
    zone = load_zone(fact.timezone)
    start, end = floor_epoch(fact.starts_at), floor_epoch(fact.ends_at)
    shown = in_zone(start, zone)
    category = fact.category_id or NIL
    hours = by_clock_hour(Interval(start, end), zone) if _is_kept(fact) else {}
    for place, resource_id in enumerate(fact.resource_ids):
        # Of what is added to a booking it takes one.
        quantity = fact.quantity if place == 0 else 1
        key = DayKey(shown.date(), resource_id, category, place == 0)
        started = _started(fact, (end - start) * quantity)
        _add(found, key, started)
        if place == 0:
            _add(found, HourKey(shown.date(), shown.hour), started)
        for (on, hour), seconds in hours.items():
            booked = Counter({BOOKED: seconds * quantity})
            _add(found, DayKey(on, resource_id, category, place == 0), booked)
            _add(found, HourKey(on, hour), booked)
    return found


def difference(before: Fact | None, after: Fact) -> dict[Key, dict[str, int]]:
    """What has to be added to the figures, so that they have the booking as it is now."""
    old, new = shares_of(before), shares_of(after)
    found = {}
    for key in old.keys() | new.keys():
        amounts = Counter(new.get(key, {}))
        amounts.subtract(old.get(key, {}))
        changed = {name: amount for name, amount in amounts.items() if amount}
        if changed:
            found[key] = changed
    return found


def step_of(before_start: timedelta) -> int:
    """Which step of a histogram so long before the start is."""
    return bisect_right(STEPS, before_start.total_seconds())


def is_hold(fact: Fact) -> bool:
    """Whether it never was more than a hold."""
    if fact.status == "cancelled":
        return fact.cancelled_from == "held"
    return fact.status == "held" or (fact.status == "expired" and fact.on_hold)


def _is_kept(fact: Fact) -> bool:
    return fact.status in KEPT


def _add(found: Shares, key: Key, amounts: Counter[str]) -> None:
    found.setdefault(key, Counter()).update(amounts)


def _started(fact: Fact, seconds: int) -> Counter[str]:
    if is_hold(fact):
        return Counter(holds=1)
    found = Counter({fact.status: 1})
    if _is_kept(fact):
        found["length_seconds"] = seconds
    if fact.status == "no_show":
        found["lost_seconds"] = seconds
        found += _lead(fact, fact.created_at, AHEADS, "ahead_seconds")
    if fact.status == "cancelled" and fact.cancelled_at is not None:
        found[f"by_{fact.cancelled_by}"] = 1
        window = timedelta(hours=fact.window_hours or 0)
        if fact.window_hours is not None and fact.cancelled_at > fact.starts_at - window:
            found["late"] = 1
        found += _lead(fact, fact.cancelled_at, NOTICES, "notice_seconds")
    return found


def _lead(fact: Fact, at: datetime, steps: tuple[str, ...], total: str) -> Counter[str]:
    """How long before the start it was; after it counts as nothing in the total."""
    before_start = fact.starts_at - at
    seconds = max(0, round(before_start.total_seconds()))
    return Counter({steps[step_of(before_start)]: 1, total: seconds})
