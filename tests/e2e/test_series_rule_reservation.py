"""The rule that a series is shown with, after its bookings were moved."""

from datetime import datetime, timedelta

from tests.e2e.house import House, Json, at, day_ahead, rfc
from tests.e2e.series import MONDAY, PATH, START, body_of, made, starts, weeks


def moved(house: House, path: str, start_days: float, hours: int = 1, **more: str) -> Json:
    """The series after its first booking was put so many days behind where the series began."""
    start = START + timedelta(days=start_days)
    place = {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(hours=hours))}
    answer = house.owner.patch(path, {"scope": "all", **place, **more})
    assert answer.status_code == 200, answer.text
    assert house.owner.get(path).json() == answer.json()
    return dict(answer.json())


def test_a_change_of_all_changes_the_rule(house: House) -> None:
    """Mondays that become Tuesdays say so, again and again; a change of one does not."""
    house.open_always()
    until = (MONDAY + timedelta(weeks=3)).isoformat()
    pattern = {"frequency": "weekly", "by_weekday": ["MO"], "until": until}
    series = made(house.owner, body_of(house.resource(), pattern))
    path = f"{PATH}{series['id']}"
    assert ";BYDAY=MO;" in series["rrule"]
    tuesdays = moved(house, path, 1)
    assert starts(tuesdays) == weeks(0, 1, 2, 3, days=1)
    end = MONDAY + timedelta(weeks=3, days=1)
    last = at(end, 23) + timedelta(minutes=59, seconds=59)
    assert tuesdays["rrule"] == f"FREQ=WEEKLY;BYDAY=TU;UNTIL={last:%Y%m%dT%H%M%SZ}"
    assert ";BYDAY=WE;" in moved(house, path, 2, hours=2)["rrule"]
    longer = moved(house, path, 2, hours=3)
    assert ";BYDAY=WE;" in longer["rrule"]
    named = {"scope": "this", "booking_id": longer["bookings"][3]["id"]}
    place = {"starts_at": weeks(3, days=3)[0], "ends_at": weeks(3, days=3, hours=1)[0]}
    one = house.owner.patch(path, {**named, **place})
    assert one.json()["rrule"] == longer["rrule"]
    noted = house.owner.patch(path, {"scope": "all", "notes": "Bring chairs"})
    assert noted.json()["rrule"] == longer["rrule"]


def test_where_no_rule_says_it_none_is_shown(house: House) -> None:
    """The last of each month, a day later; what is moved further has no rule either."""
    house.open_always()
    first = at(day_ahead().replace(day=1) + timedelta(days=62), 10)
    pattern = {"frequency": "monthly", "by_month_day": [-1], "count": 3}
    series = made(house.owner, body_of(house.resource(), pattern, start=first))
    path = f"{PATH}{series['id']}"
    for _ in range(2):
        shown = house.owner.get(path).json()["bookings"][0]["starts_at"]
        later = datetime.fromisoformat(shown) + timedelta(days=1)
        place = {"starts_at": rfc(later), "ends_at": rfc(later + timedelta(hours=1))}
        answer = house.owner.patch(path, {"scope": "all", **place})
        assert (answer.status_code, answer.json()["rrule"]) == (200, "")
