"""What a machine's key may not give another one."""

from datetime import UTC, datetime

import pytest

from domain.user.key_bounds import outlives, reaches_beyond

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "end", "longer"),
    [
        (None, None, False),
        (None, LATE, False),
        (EARLY, EARLY, False),
        (LATE, EARLY, False),
        (EARLY, LATE, True),
        (LATE, None, True),
    ],
)
def test_no_key_outlives_its_maker(
    own: datetime | None, end: datetime | None, longer: bool
) -> None:
    """One without an end makes any; the same end is none later."""
    assert outlives(own, end) is longer


@pytest.mark.parametrize(
    ("own", "wanted", "beyond"),
    [
        ((), (), False),
        ((), ("0.0.0.0/0",), False),
        (("192.0.2.0/24",), ("192.0.2.0/24",), False),
        (("192.0.2.0/24",), ("192.0.2.7", "192.0.2.128/25"), False),
        (("192.0.2.0/24", "2001:db8::/32"), ("2001:db8:1::/48", "192.0.2.1"), False),
        (("192.0.2.0/24",), (), True),
        (("192.0.2.0/24",), ("192.0.2.0/23",), True),
        (("192.0.2.0/24",), ("192.0.2.1", "203.0.113.1"), True),
        (("192.0.2.0/24",), ("::/0",), True),
        (("::/0",), ("192.0.2.1",), True),
    ],
)
def test_no_key_is_good_where_its_maker_is_not(
    own: tuple[str, ...], wanted: tuple[str, ...], beyond: bool
) -> None:
    """None is everywhere; each family of addresses is by itself."""
    assert reaches_beyond(own, wanted) is beyond
