"""How many mails somebody gets who may not have asked for any."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.user.mailing import is_mailed_enough

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds_ago", "enough"),
    [
        ((), False),
        ((59,), True),
        ((60,), False),
        ((60, 1_800), False),
        ((60, 1_800, 3_599), True),
        ((60, 1_800, 3_600), False),
        ((3_600, 3_700, 3_800, 3_900), False),
    ],
)
def test_two_are_a_minute_apart_and_three_an_hour(
    seconds_ago: tuple[int, ...], enough: bool
) -> None:
    """What is older than an hour counts no more; the very minute and hour are over."""
    sent = [NOW - timedelta(seconds=ago) for ago in seconds_ago]
    assert is_mailed_enough(sent, NOW) is enough
