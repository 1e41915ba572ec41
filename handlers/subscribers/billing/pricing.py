"""What a booking costs. Pure: decimal arithmetic, no clock, no I/O.

A price is for one of its quantity, per `booking`, `hour`, `minute` (both in proportion, to the
second) or `day`: each begun 24 hours by the clock on the wall, so that a day on which clocks change
is one day. The amount of a booking is rounded once, halves away from zero, to the smallest unit of
its currency (ISO 4217).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from domain.time.zone import load_zone

# Far more digits than the dearest booking has: nothing is rounded on the way.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_DAY = timedelta(days=1)
_SECONDS = {"hour": 3_600, "minute": 60}
# ISO 4217: decimals where they are not two.
_DECIMALS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
            *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


@dataclass(frozen=True, slots=True)
class Price:
    """What one of it costs per `booking`, `hour`, `minute` or `day`."""

    amount: Decimal
    currency: str
    per: str

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> "Price | None":
        """The price as resources and bookings carry it."""
        if document is None:
            return None
        return cls(
            Decimal(document["amount"]), document["currency"], document.get("per", "booking")
        )


def decimals_of(currency: str) -> int:
    """How many decimals an amount in this currency has."""
    return _DECIMALS.get(currency, 2)


def amount_of(
    price: Price, quantity: int, starts_at: datetime, ends_at: datetime, timezone: str
) -> Decimal:
    """What so many cost for that time."""
    each = _EXACT.multiply(price.amount, Decimal(quantity))
    if price.per in _SECONDS:
        seconds = Decimal((ends_at - starts_at) // timedelta(seconds=1))
        whole = _EXACT.divide(_EXACT.multiply(each, seconds), Decimal(_SECONDS[price.per]))
    elif price.per == "day":
        whole = _EXACT.multiply(each, Decimal(begun_days(starts_at, ends_at, timezone)))
    else:
        whole = each
    return whole.quantize(Decimal(1).scaleb(-decimals_of(price.currency)), context=_EXACT)


def begun_days(starts_at: datetime, ends_at: datetime, timezone: str) -> int:
    """How many times 24 hours have begun between the two, as clocks of the zone show them; one
    at least."""
    zone = load_zone(timezone)
    begins, ends = (one.astimezone(zone).replace(tzinfo=None) for one in (starts_at, ends_at))
    return max(1, -((begins - ends) // _DAY))
