"""What one change of a booking adds to the bill. Pure: no clock, no I/O.

A change says how the booking stood after it and before, so it is counted by itself: whichever order
changes are heard in, their sum is what the booking comes to as it stands.

    made               when it is confirmed first; a hold, a request that waits, is none yet
    kept               confirmed, checked in or completed; what lies ahead counts as it is booked
    no-show            counts in the place of kept; the time was taken, and the amount stays due
    cancelled          after it was made; late where the window of its terms had passed: then the
                       amount stays due, else it is taken back
    resource minutes   of what is kept and of no-shows: its length, times its quantity and one for
                       each other resource

Day: of made and cancelled, and of amounts, the one on which it happened; else the one on which
the booking starts; both by the booking's own zone. What would fall into a month that was over when
it happened is posted to the month in which it happened: statements of the past stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.time.zone import load_zone
from handlers.subscribers.billing.pricing import Price, amount_of

KEPT = frozenset({"confirmed", "checked_in", "completed"})
NO_SHOW, CANCELLED = "no_show", "cancelled"
MADE = KEPT | {NO_SHOW}

# Metrics by the day on which it happened, and by the day of the start.
BOOKINGS_MADE, BOOKINGS_CANCELLED = "bookings_made", "bookings_cancelled"
LATE_CANCELLATIONS = "late_cancellations"
BOOKINGS_KEPT, NO_SHOWS, RESOURCE_MINUTES = "bookings_kept", "no_shows", "resource_minutes"
# Amounts, in their currency.
CHARGES, CORRECTIONS = "charges", "corrections"


@dataclass(frozen=True, slots=True)
class Standing:
    """A booking as far as it is billed. No `window_hours`, no lateness."""

    status: str | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    quantity: int
    resources: int
    price: Price | None
    window_hours: int | None
    cancelled_at: datetime | None

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "Standing":
        """The state that an event carries."""
        cancelled_at = state["cancelled_at"]
        return cls(
            status=state["status"],
            starts_at=datetime.fromisoformat(state["starts_at"]),
            ends_at=datetime.fromisoformat(state["ends_at"]),
            timezone=state["timezone"],
            quantity=state["quantity"],
            resources=len(state["resource_ids"]),
            price=Price.of(state["price"]),
            window_hours=state.get("cancellation_window_hours"),
            cancelled_at=None if cancelled_at is None else datetime.fromisoformat(cancelled_at),
        )

    @property
    def is_late(self) -> bool:
        """Whether it was cancelled when its window had passed; the boundary itself is in time."""
        if self.cancelled_at is None or self.window_hours is None:
            return False
        return self.cancelled_at > self.starts_at - timedelta(hours=self.window_hours)

    @property
    def minutes(self) -> int:
        taken = self.quantity + self.resources - 1
        return (self.ends_at - self.starts_at) // timedelta(seconds=1) * taken // 60

    @property
    def amount(self) -> Decimal:
        if self.price is None:
            return Decimal(0)
        return amount_of(self.price, self.quantity, self.starts_at, self.ends_at, self.timezone)


@dataclass(frozen=True, slots=True)
class Count:
    """So much more of a metric on a day, posted to the month of that first day. Amounts have a
    currency."""

    metric: str
    day: date
    month: date
    quantity: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a change adds to what is due, or takes back; a correction where it is no new booking."""

    day: date
    amount: Decimal
    currency: str
    is_correction: bool

    @property
    def metric(self) -> str:
        return CORRECTIONS if self.is_correction else CHARGES


@dataclass(frozen=True, slots=True)
class Measured:
    """All that one change adds. `charge` is among the counts, too."""

    counts: tuple[Count, ...] = ()
    charge: Charge | None = None


def before_of(state: Mapping[str, Any]) -> Standing | None:
    """How the booking stood before the event that carries this; None where there was none. What
    an event of an older version does not say has not changed."""
    changes = state["changes"]
    if "status" in changes and changes["status"]["before"] is None:
        return None
    return Standing.of(
        {
            name: changes[name]["before"] if name in changes else value
            for name, value in state.items()
        }
    )


def measured(after: Standing, before: Standing | None, at: datetime) -> Measured:
    """What the change that came at that instant adds."""
    was_made = before is not None and before.status in MADE
    if not was_made and after.status not in MADE:
        return Measured()
    today = _day(at, after)
    charge = _charge(after, before, today)
    found = [*_happened(after, was_made=was_made), *_stood(after, before)]
    counts = [
        Count(metric, day or today, posted(day or today, today), Decimal(quantity))
        for metric, day, quantity in found
    ]
    if charge is not None:
        month = posted(today, today)
        counts.append(Count(charge.metric, today, month, charge.amount, charge.currency))
    return Measured(_together(counts), charge)


def posted(day: date, today: date) -> date:
    """The first of the month whose statement has it: that of the day, unless it is over."""
    return max(day.replace(day=1), today.replace(day=1))


def _happened(after: Standing, *, was_made: bool) -> Iterator[tuple[str, date | None, int]]:
    """What counts on the day of the change itself."""
    if not was_made:
        yield BOOKINGS_MADE, None, 1
    elif after.status == CANCELLED:
        yield BOOKINGS_CANCELLED, None, 1
        if after.is_late:
            yield LATE_CANCELLATIONS, None, 1


def _stood(after: Standing, before: Standing | None) -> Iterator[tuple[str, date | None, int]]:
    """What counts on the day of the start: as it is now, and no more as it was."""
    for standing, sign in ((before, -1), (after, 1)):
        if standing is not None and standing.status in MADE:
            day = _day(standing.starts_at, standing)
            yield NO_SHOWS if standing.status == NO_SHOW else BOOKINGS_KEPT, day, sign
            yield RESOURCE_MINUTES, day, sign * standing.minutes


def _charge(after: Standing, before: Standing | None, today: date) -> Charge | None:
    if after.price is None:
        return None
    was_made = before is not None and before.status in MADE
    amount = _due(after) - (before.amount if before is not None and was_made else Decimal(0))
    if not amount:
        return None
    return Charge(today, amount, after.price.currency, is_correction=was_made)


def _due(standing: Standing) -> Decimal:
    """What one that was made is worth, as it stands."""
    stays = standing.status in MADE or (standing.status == CANCELLED and standing.is_late)
    return standing.amount if stays else Decimal(0)


def _day(moment: datetime, standing: Standing) -> date:
    return moment.astimezone(load_zone(standing.timezone)).date()


def _together(counts: list[Count]) -> tuple[Count, ...]:
    """One for each metric and day, in one order, without those that come to nothing."""
    sums: dict[tuple[date, date, str, str], Decimal] = {}
    for one in counts:
        key = (one.day, one.month, one.metric, one.currency)
        sums[key] = sums.get(key, Decimal(0)) + one.quantity
    return tuple(
        Count(metric, day, month, quantity, currency)
        for (day, month, metric, currency), quantity in sorted(sums.items())
        if quantity
    )
