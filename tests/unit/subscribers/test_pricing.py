"""What a booking costs, by the table."""

from datetime import datetime
from decimal import Decimal

import pytest

from handlers.subscribers.billing.pricing import Price, amount_of, begun_days, decimals_of

NINE = "2026-12-10T09:00:00Z"


def price(amount: str, per: str = "booking", currency: str = "BRL") -> Price:
    found = Price.of({"amount": amount, "currency": currency, "per": per})
    assert found is not None
    return found


def cost(of: Price, quantity: int, since: str, until: str, zone: str = "UTC") -> str:
    begins, ends = datetime.fromisoformat(since), datetime.fromisoformat(until)
    return str(amount_of(of, quantity, begins, ends, zone))


@pytest.mark.parametrize(
    ("of", "quantity", "until", "due"),
    [
        (price("49.90"), 1, "2026-12-10T11:00:00Z", "49.90"),
        (price("49.90"), 3, "2026-12-10T09:15:00Z", "149.70"),
        (price("0"), 3, "2026-12-10T09:15:00Z", "0.00"),
        (price("30.00", "hour"), 1, "2026-12-10T10:30:00Z", "45.00"),
        (price("30.00", "hour"), 2, "2026-12-10T09:20:00Z", "20.00"),
        # 10 / 3, and twice that: rounded once, for all of the quantity.
        (price("10.00", "hour"), 1, "2026-12-10T09:20:00Z", "3.33"),
        (price("10.00", "hour"), 2, "2026-12-10T09:20:00Z", "6.67"),
        (price("0.05", "minute"), 1, "2026-12-10T09:00:30Z", "0.03"),
        (price("0.15", "minute"), 1, "2026-12-10T09:00:30Z", "0.08"),
        (price("80.00", "day"), 1, "2026-12-10T10:00:00Z", "80.00"),
        (price("80.00", "day"), 1, "2026-12-11T09:00:00Z", "80.00"),
        (price("80.00", "day"), 2, "2026-12-11T09:00:01Z", "320.00"),
        (price("100", "hour", "JPY"), 1, "2026-12-10T09:20:00Z", "33"),
        (price("1.5", "booking", "JPY"), 1, "2026-12-10T09:20:00Z", "2"),
        (price("1.00", "hour", "KWD"), 1, "2026-12-10T09:20:00Z", "0.333"),
    ],
)
def test_a_price_becomes_an_amount(of: Price, quantity: int, until: str, due: str) -> None:
    """Per booking, hour, minute or day, times the quantity, in whole units of the currency."""
    assert cost(of, quantity, NINE, until) == due


def test_the_dearest_booking_loses_no_cent() -> None:
    """As large as a contract lets a price, a quantity and a time be, the amount is exact."""
    whole = cost(
        price("9999999999.99", "minute"), 100_000, "2026-12-01T00:00:00Z", "2027-01-03T00:00:00Z"
    )
    assert Decimal(whole) == Decimal("9999999999.99") * 100_000 * 33 * 1_440


@pytest.mark.parametrize(
    ("since", "until", "zone", "days"),
    [
        # 25 and 23 hours: the nights in which clocks change in New York.
        ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", "America/New_York", 1),
        ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "America/New_York", 1),
        ("2026-12-10T18:00:00Z", "2026-12-11T10:00:00Z", "UTC", 1),
        ("2026-12-10T18:00:00Z", "2026-12-12T18:00:00Z", "UTC", 2),
        ("2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "America/New_York", 1),
    ],
)
def test_a_day_is_one_by_the_clock_on_the_wall(
    since: str, until: str, zone: str, days: int
) -> None:
    """However many hours it has."""
    begins, ends = datetime.fromisoformat(since), datetime.fromisoformat(until)
    assert begun_days(begins, ends, zone) == days


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("BHD", 3)])
def test_a_currency_has_its_decimals(currency: str, decimals: int) -> None:
    """ISO 4217."""
    assert decimals_of(currency) == decimals
