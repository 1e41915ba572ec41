"""Recurring patterns: RFC 5545 on the wall clock."""

from datetime import date, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time.recurrence import (
    MAX_OCCURRENCES,
    occurrences,
    pattern_from_document,
    pattern_violations,
    rrule_text,
)
from domain.time.violation import Malformed
from domain.time.zone import in_zone, load_zone
from tests.unit.domain.civil import utc, zone_and_day, zones

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def starts(document: dict[str, Any], first: str, zone: str = "UTC") -> list[str]:
    """Local starts of the pattern, as the zone's clocks show them."""
    pattern = pattern_from_document(document)
    found = occurrences(pattern, datetime.fromisoformat(first), load_zone(zone))
    return [f"{in_zone(one, load_zone(zone)):%m-%d %H:%M}" for one in found]


def test_nine_stays_nine_across_the_change() -> None:
    """Daily in New York over 2026-03-08: the offset moves, the clock does not."""
    pattern = pattern_from_document({"frequency": "daily", "count": 3})
    found = occurrences(
        pattern, datetime.fromisoformat("2026-03-07T09:00"), load_zone("America/New_York")
    )
    assert list(found) == [
        utc("2026-03-07 14:00"),
        utc("2026-03-08 13:00"),
        utc("2026-03-09 13:00"),
    ]


def test_a_time_in_the_gap_is_shown_after_it_that_day_only() -> None:
    """02:30 daily: 03:30 on the spring day, 02:30 again the day after."""
    found = starts({"frequency": "daily", "count": 3}, "2026-03-07T02:30", "America/New_York")
    assert found == ["03-07 02:30", "03-08 03:30", "03-09 02:30"]


def test_weekday_and_day_come_from_the_start() -> None:
    """Weekly on the start's weekday, monthly on its day."""
    assert starts({"frequency": "weekly", "count": 2}, "2026-06-05T09:00") == [
        "06-05 09:00",
        "06-12 09:00",
    ]
    assert starts({"frequency": "monthly", "count": 2}, "2026-06-05T09:00") == [
        "06-05 09:00",
        "07-05 09:00",
    ]


def test_a_month_without_the_31st_is_skipped() -> None:
    """January, March, May: as in RFC 5545; -1 is the last day of each."""
    assert starts({"frequency": "monthly", "count": 3}, "2026-01-31T09:00") == [
        "01-31 09:00",
        "03-31 09:00",
        "05-31 09:00",
    ]
    last = {"frequency": "monthly", "by_month_day": [-1], "count": 3}
    assert starts(last, "2026-01-31T09:00") == ["01-31 09:00", "02-28 09:00", "03-31 09:00"]


def test_weekdays_with_and_without_a_position() -> None:
    """Every Monday and Wednesday in every other week; the second Tuesday; the last Friday."""
    weekly = {"frequency": "weekly", "interval": 2, "by_weekday": ["MO", "WE"], "count": 4}
    assert starts(weekly, "2026-06-01T09:00") == [
        "06-01 09:00",
        "06-03 09:00",
        "06-15 09:00",
        "06-17 09:00",
    ]
    second = {"frequency": "monthly", "by_weekday": ["2TU"], "count": 2}
    assert starts(second, "2026-06-01T09:00") == ["06-09 09:00", "07-14 09:00"]
    last = {"frequency": "monthly", "by_weekday": ["-1FR"], "count": 2}
    assert starts(last, "2026-06-01T09:00") == ["06-26 09:00", "07-31 09:00"]


def test_until_is_inclusive_and_exdates_are_counted_before_they_are_taken_out() -> None:
    """By date or by instant."""
    for until in ("2026-06-03", "2026-06-03T09:00:00Z"):
        assert len(starts({"frequency": "daily", "until": until}, "2026-06-01T09:00")) == 3
    for exdate in ("2026-06-02", "2026-06-02T09:00:00Z"):
        pattern = {"frequency": "daily", "count": 3, "exdates": [exdate]}
        assert starts(pattern, "2026-06-01T09:00") == ["06-01 09:00", "06-03 09:00"]


def test_a_date_that_the_zone_skipped_is_skipped() -> None:
    """Apia has no 30th of December 2011, which therefore is not counted (RFC 5545 §3.3.10)."""
    found = starts({"frequency": "daily", "count": 3}, "2011-12-29T09:00", "Pacific/Apia")
    assert found == ["12-29 09:00", "12-31 09:00", "01-01 09:00"]


def test_a_rule_that_never_ends_or_never_holds_is_cut() -> None:
    """One more than the most tells that there were more; no rule runs beyond 2100."""
    endless = {"frequency": "daily", "until": "2099-01-01"}
    assert len(starts(endless, "2026-06-01T09:00")) == MAX_OCCURRENCES + 1
    never = {"frequency": "monthly", "interval": 12, "by_month_day": [31], "count": 3}
    began = process_time()
    assert starts(never, "2026-02-01T09:00") == []
    assert process_time() - began < 1


def test_the_rule_is_written_as_the_rfc_has_it() -> None:
    """Without DTSTART; UNTIL in UTC, a date as its last second on the zone's clocks."""
    sao_paulo = load_zone("America/Sao_Paulo")
    pattern = pattern_from_document(
        {"frequency": "weekly", "interval": 2, "by_weekday": ["mo", "FR"], "count": 8}
    )
    assert rrule_text(pattern, sao_paulo) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=8"
    monthly = {"frequency": "monthly", "by_month_day": [1, -1]}
    dated = pattern_from_document(monthly | {"until": date(2026, 12, 31)})
    assert rrule_text(dated, sao_paulo).endswith(";BYMONTHDAY=1,-1;UNTIL=20270101T025959Z")
    timed = pattern_from_document(monthly | {"until": "2026-12-31T12:00:00-03:00"})
    assert rrule_text(timed, sao_paulo).endswith("UNTIL=20261231T150000Z")


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        ({"frequency": "yearly", "count": 1}, "frequency", "invalid_value"),
        ({"frequency": "daily", "interval": 0, "count": 1}, "interval", "out_of_range"),
        ({"frequency": "daily"}, "count", "one_of"),
        ({"frequency": "daily", "count": 1, "until": "2026-06-01"}, "count", "one_of"),
        ({"frequency": "daily", "count": 367}, "count", "out_of_range"),
        ({"frequency": "daily", "by_weekday": ["MO"], "count": 1}, "by_weekday", "invalid_value"),
        (
            {"frequency": "weekly", "by_weekday": ["2TU"], "count": 1},
            "by_weekday.0",
            "invalid_value",
        ),
        (
            {"frequency": "weekly", "by_weekday": ["XX"], "count": 1},
            "by_weekday.0",
            "invalid_value",
        ),
        (
            {"frequency": "monthly", "by_month_day": [0], "count": 1},
            "by_month_day.0",
            "invalid_value",
        ),
        (
            {"frequency": "weekly", "by_month_day": [1], "count": 1},
            "by_month_day.0",
            "invalid_value",
        ),
    ],
)
def test_what_is_wrong_with_a_pattern_is_named(
    document: dict[str, Any], field: str, code: str
) -> None:
    """Frequency, interval, weekdays, days of the month, and one of count and until."""
    (found,) = pattern_violations(pattern_from_document(document))
    assert (found.field, found.code) == (f"recurring_pattern.{field}", code)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"frequency": "daily", "interval": "2"},
        {"frequency": "daily", "until": "tomorrow"},
        {"frequency": "daily", "until": "2026-06-01T09:00:00"},
        {"frequency": "daily", "exdates": [1]},
    ],
)
def test_what_has_not_the_shape_is_malformed(document: Any) -> None:
    """A naive instant, a number in quotes, a word for a date."""
    with pytest.raises(Malformed):
        pattern_from_document(document)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A rule that names its own days, so that it can be taken up at any of its occurrences."""
    frequency = draw(st.sampled_from(["daily", "weekly", "monthly"]))
    rule: dict[str, Any] = {"frequency": frequency, "interval": draw(st.integers(1, 3))}
    days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True)
    if frequency == "weekly":
        rule["by_weekday"] = draw(days)
    elif frequency == "monthly" and draw(st.booleans()):
        position = draw(st.sampled_from(["1", "2", "4", "-1", "-2"]))
        rule["by_weekday"] = [position + day for day in draw(days)]
    elif frequency == "monthly":
        numbers = st.sampled_from([1, 15, 29, 30, 31, -1, -2])
        rule["by_month_day"] = draw(st.lists(numbers, min_size=1, max_size=3, unique=True))
    return rule


@given(
    rules(), zone_and_day(), st.integers(0, 1439), st.integers(0, 60), st.lists(st.integers(0, 40))
)
def test_a_series_is_its_beginning_and_what_follows(
    rule: dict[str, Any], place: tuple[str, date], minute: int, cut: int, out: list[int]
) -> None:
    """[a, c) is [a, b) and [b, c): cut before any occurrence and taken up again at it."""
    zone = load_zone(place[0])
    first = datetime(place[1].year, place[1].month, place[1].day, minute // 60, minute % 60)
    end = date.fromordinal(place[1].toordinal() + 400)
    exdates = [date.fromordinal(place[1].toordinal() + days) for days in out]

    def between(start: datetime, last: date) -> tuple[int, ...]:
        document = rule | {"until": last, "exdates": exdates}
        return occurrences(pattern_from_document(document), start, zone)

    whole = between(first, end)
    if not whole:
        return
    cut %= len(whole)
    # The date as it is written: a gap moves no occurrence of these zones into the next one.
    at = datetime.combine(in_zone(whole[cut], zone).date(), first.time())
    beginning = between(first, date.fromordinal(at.toordinal() - 1))
    assert whole == (beginning + between(at, end))[: MAX_OCCURRENCES + 1]
    assert len(beginning) == cut


@given(
    zones,
    st.sampled_from(["daily", "weekly", "monthly"]),
    st.integers(1, 3),
    st.dates(date(2008, 1, 1), date(2040, 1, 1)),
    st.integers(0, 1439),
    st.integers(0, 400),
)
def test_until_divides_a_series(
    zone: str, frequency: str, interval: int, on: date, minute: int, days: int
) -> None:
    """The occurrences up to a date are those of the longer series that lie up to it."""
    first = datetime(on.year, on.month, on.day, minute // 60, minute % 60)
    cut = date.fromordinal(on.toordinal() + days)
    known = {"frequency": frequency, "interval": interval}
    counted = pattern_from_document(known | {"count": 60})
    bounded = pattern_from_document(known | {"until": cut})
    all_of_them = occurrences(counted, first, load_zone(zone))
    short = occurrences(bounded, first, load_zone(zone))
    assert list(all_of_them[: len(short)]) == list(short)[:60]
    assert list(all_of_them) == sorted(all_of_them)
