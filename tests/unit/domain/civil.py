"""Instants as the tests write them, and the zones and days that break naive code."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Zone, and days on which its clocks were or will be changed.
CHANGES: dict[str, tuple[date, ...]] = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Sao_Paulo": (date(2018, 2, 18), date(2018, 11, 4), date(2019, 2, 17)),
    "Europe/Lisbon": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 30)),
    "Pacific/Apia": (date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)),
    "America/Nuuk": (date(2026, 3, 28), date(2026, 10, 24)),
    "Antarctica/Troll": (date(2026, 3, 29), date(2026, 10, 25)),
    "Asia/Kathmandu": (date(1986, 1, 1), date(2026, 6, 1)),
    "UTC": (date(2026, 2, 28),),
}

zones = st.sampled_from(sorted(CHANGES))


@st.composite
def zone_and_day(draw: st.DrawFn) -> tuple[str, date]:
    """A zone and a date: a change-over day or its neighbour more often than not."""
    zone = draw(zones)
    if draw(st.integers(0, 3)):
        near = draw(st.sampled_from(CHANGES[zone])).toordinal() + draw(st.integers(-1, 1))
        return zone, date.fromordinal(near)
    return zone, draw(st.dates(date(2001, 1, 1), date(2060, 12, 31)))


def utc(text: str) -> int:
    """Epoch seconds of "2026-03-08 07:30", read in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def shown(*epochs: int) -> list[str]:
    """The same again: easier to read in a failure than epoch seconds."""
    return [datetime.fromtimestamp(epoch, UTC).strftime("%m-%d %H:%M") for epoch in epochs]
