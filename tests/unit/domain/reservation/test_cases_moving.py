"""Moving a whole series, on the days on which its time is skipped or comes twice."""

import pytest

from domain.reservation.series import shifted
from domain.time.zone import load_zone
from tests.unit.domain.civil import utc

MOVES = [
    # Daily at 02:30 in New York, moved to 03:30 by a later day: on the spring day 02:30 was shown
    # as 03:30 (07:30Z), and 03:30 is where it stays.
    ("America/New_York", ("03-10 06:30", "03-10 07:30"), "2026-03-08 07:30", "2026-03-08 07:30"),
    ("America/New_York", ("03-10 06:30", "03-10 07:30"), "2026-03-07 07:30", "2026-03-07 08:30"),
    # … moved to 01:30, it is an hour before the gap and not within it.
    ("America/New_York", ("03-10 06:30", "03-10 05:30"), "2026-03-08 07:30", "2026-03-08 06:30"),
    # … by a day at the same time: the Sunday's is on Monday at 02:30, Saturday's on Sunday.
    ("America/New_York", ("03-10 06:30", "03-11 06:30"), "2026-03-08 07:30", "2026-03-09 06:30"),
    ("America/New_York", ("03-10 06:30", "03-11 06:30"), "2026-03-07 07:30", "2026-03-08 07:30"),
    # Sunday's own is moved from where it is shown: an hour from 03:30, and from 02:30 elsewhere.
    ("America/New_York", ("03-08 07:30", "03-08 08:30"), "2026-03-10 06:30", "2026-03-10 07:30"),
    # One that was moved by itself keeps its distance.
    ("America/New_York", ("03-10 06:30", "03-10 07:30"), "2026-03-08 16:00", "2026-03-08 17:00"),
    # The last hour of Saturday in Nuuk is skipped: 23:30 was shown as 00:30 of Sunday.
    ("America/Nuuk", ("03-24 01:30", "03-24 00:30"), "2024-03-31 01:30", "2024-03-31 00:30"),
    ("America/Nuuk", ("03-24 01:30", "03-24 02:30"), "2024-03-31 01:30", "2024-03-31 01:30"),
    # To a time that comes twice: the first, but for the one that was asked for as an instant.
    ("America/New_York", ("10-31 13:00", "10-31 05:30"), "2026-11-01 14:00", "2026-11-01 05:30"),
    ("America/New_York", ("11-01 14:00", "11-01 06:30"), "2026-11-01 14:00", "2026-11-01 06:30"),
    ("America/New_York", ("11-01 05:30", "11-01 06:30"), "2026-11-01 05:30", "2026-11-01 06:30"),
    ("America/New_York", ("11-01 05:30", "11-01 06:30"), "2026-11-02 06:30", "2026-11-02 06:30"),
    # Half an hour in Lord Howe, two in Troll.
    ("Australia/Lord_Howe", ("10-03 15:45", "10-03 16:45"), "2025-10-04 15:45", "2025-10-04 16:15"),
    ("Antarctica/Troll", ("03-29 01:30", "03-29 03:30"), "2025-03-30 01:30", "2025-03-30 01:30"),
]


@pytest.mark.parametrize(("zone", "anchor", "start", "moved"), MOVES)
def test_what_is_moved_with_another_goes_as_far_on_the_clock(
    zone: str, anchor: tuple[str, str], start: str, moved: str
) -> None:
    """The series is at its new time on every day, also on the one on which the old was skipped."""
    before, after = (utc(f"{start[:4]}-{one}") for one in anchor)
    assert shifted(utc(start), before, after, load_zone(zone)) == utc(moved)
