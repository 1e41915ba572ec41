"""Days on which clocks are changed."""

from datetime import UTC, date, timedelta

from tests.e2e.house import at, day_ahead


def change_over(zone: str, lasts: timedelta) -> date:
    """The next day beyond ten days that lasts so long in a zone, as clocks are changed on it."""
    day = day_ahead()
    while True:
        following = day + timedelta(days=1)
        begins, ends = (at(one, 0, zone=zone).astimezone(UTC) for one in (day, following))
        if ends - begins == lasts:
            return day
        day = following
