"""Wall-clock times as instants on the days when clocks change."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time.zone import (
    UnknownZone,
    date_exists,
    in_zone,
    load_zone,
    local_date,
    local_to_epoch,
    to_epoch,
    zone_names,
)
from tests.unit.domain.civil import utc, zone_and_day

CASES = {
    "in a gap the offset before it holds": (
        ("America/New_York", date(2026, 3, 8), 150, "2026-03-08 07:30")
    ),
    "in an overlap the first occurrence": (
        ("America/New_York", date(2026, 11, 1), 90, "2026-11-01 05:30")
    ),
    "a midnight that does not exist": (
        ("America/Sao_Paulo", date(2018, 11, 4), 0, "2018-11-04 03:00")
    ),
    "24:00 before a midnight that does not exist": (
        ("America/Sao_Paulo", date(2018, 11, 3), 1440, "2018-11-04 03:00")
    ),
    "a midnight hour that comes twice": (
        ("America/Sao_Paulo", date(2018, 2, 17), 1410, "2018-02-18 01:30")
    ),
    "no summer time since 2019": (
        ("America/Sao_Paulo", date(2026, 11, 4), 720, "2026-11-04 15:00")
    ),
    "a gap of half an hour": (("Australia/Lord_Howe", date(2026, 10, 4), 135, "2026-10-03 15:45")),
    "an overlap of half an hour": (
        ("Australia/Lord_Howe", date(2026, 4, 5), 105, "2026-04-04 14:45")
    ),
    "a quarter-hour offset": ("Asia/Kathmandu", date(2026, 6, 1), 540, "2026-06-01 03:15"),
    "Lisbon in summer": ("Europe/Lisbon", date(2026, 7, 1), 540, "2026-07-01 08:00"),
    "Lisbon's gap": ("Europe/Lisbon", date(2026, 3, 29), 90, "2026-03-29 01:30"),
    "Cairo's midnight gap": ("Africa/Cairo", date(2026, 4, 24), 0, "2026-04-23 22:00"),
    "a date that was skipped": ("Pacific/Apia", date(2011, 12, 30), 540, "2011-12-30 19:00"),
    "the date after it": ("Pacific/Apia", date(2011, 12, 31), 540, "2011-12-30 19:00"),
}


@pytest.mark.parametrize(("zone", "on", "minute", "instant"), CASES.values(), ids=CASES)
def test_a_wall_clock_time_becomes_an_instant(
    zone: str, on: date, minute: int, instant: str
) -> None:
    """RFC 5545 §3.3.5: the offset before a gap, the first occurrence in an overlap."""
    assert to_epoch(on, minute, load_zone(zone)) == utc(instant)


def test_what_a_gap_swallows_is_shown_after_it() -> None:
    """02:30 in New York on 2026-03-08 is 07:30Z, shown as 03:30."""
    zone = load_zone("America/New_York")
    shown = in_zone(to_epoch(date(2026, 3, 8), 150, zone), zone)
    assert shown.isoformat() == "2026-03-08T03:30:00-04:00"


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "../etc/passwd", "utc", "Factory", "EST5EDT "]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    """Only names of the database, spelled as it does; no path leads out of it."""
    with pytest.raises(UnknownZone):
        load_zone(name)


def test_zone_data_come_from_the_package(tmp_path: Path) -> None:
    """The system's zone files are never asked, whatever lies in them."""
    utc_data = resources.files("tzdata.zoneinfo").joinpath("UTC").read_bytes()
    wrong = tmp_path / "Pacific" / "Chatham"
    wrong.parent.mkdir()
    wrong.write_bytes(utc_data)
    path = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([tmp_path])
    try:
        zone = load_zone("Pacific/Chatham")
    finally:
        zoneinfo.reset_tzpath(path)
    assert to_epoch(date(2026, 6, 1), 0, zone) == utc("2026-05-31 11:15")


def test_every_listed_zone_can_be_read() -> None:
    """No name is accepted that then has no data."""
    assert all(load_zone(name).key == name for name in zone_names())


def test_a_minute_beyond_midnight_is_a_programming_error() -> None:
    """1440 is the midnight that ends a date; nothing lies beyond it."""
    with pytest.raises(ValueError, match="1441"):
        to_epoch(date(2026, 1, 1), 1441, load_zone("UTC"))


def test_a_skipped_date_does_not_exist() -> None:
    """Samoa went from the 29th to the 31st of December 2011; other change-overs keep their date."""
    apia = load_zone("Pacific/Apia")
    assert not date_exists(date(2011, 12, 30), apia)
    assert date_exists(date(2011, 12, 29), apia)
    assert date_exists(date(2011, 12, 31), apia)
    assert date_exists(date(2018, 11, 4), load_zone("America/Sao_Paulo"))
    assert date_exists(date(2026, 4, 24), load_zone("Africa/Cairo"))


@given(zone_and_day(), st.integers(0, 86_399))
def test_an_instant_survives_its_zone(drawn: tuple[str, date], second: int) -> None:
    """Shown in a zone and read back, with its fold, an instant is the same."""
    zone = load_zone(drawn[0])
    on = drawn[1]
    epoch = int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()) + second
    shown = in_zone(epoch, zone)
    assert int(shown.timestamp()) == epoch
    assert local_date(epoch, zone) == shown.date()
    if shown.fold == 0:
        assert local_to_epoch(shown.replace(tzinfo=None), zone) == epoch


@given(zone_and_day(), st.integers(0, 1439))
def test_a_time_is_shown_as_written_or_later_by_the_gap(
    drawn: tuple[str, date], minute: int
) -> None:
    """A wall-clock time comes back as it was written, or moved forward by the length of its gap."""
    zone = load_zone(drawn[0])
    epoch = to_epoch(drawn[1], minute, zone)
    written = datetime.combine(drawn[1], datetime.min.time()) + timedelta(minutes=minute)
    shown = in_zone(epoch, zone)
    moved = shown.replace(tzinfo=None) - written
    assert moved >= timedelta(0)
    if moved:
        before = written.replace(tzinfo=zone)
        gap = (shown.utcoffset() or timedelta(0)) - (before.utcoffset() or timedelta(0))
        assert moved == gap
    assert shown.fold == 0
