"""Opening time of a resource on a day: windows, overrides, closures, zones."""

from datetime import date

from domain.reservation.opening import opening, opening_between
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from tests.unit.domain.civil import shown, utc
from tests.unit.domain.reservation.scene import (
    ask,
    codes,
    every_day,
    override,
    reasons,
    room,
    starts,
    tenant,
    windows,
)

# 2026-06-05 is a Friday.
FRIDAY, SATURDAY, SUNDAY, MONDAY = "2026-06-05", "2026-06-06", "2026-06-07", "2026-06-08"


def spans(settings: OrganizationSettings, resource: Resource, on: str) -> list[str]:
    found = opening(settings, resource, date.fromisoformat(on)).windows
    return ["–".join(shown(window.span.start, window.span.end)) for window in found]


def test_without_a_schedule_a_resource_has_the_tenants_hours() -> None:
    """Several windows a day, each opening on its own."""
    settings = tenant({"fri": windows([("09:00", "12:00"), ("13:00", "18:00")])})
    assert spans(settings, room(), FRIDAY) == ["06-05 09:00–06-05 12:00", "06-05 13:00–06-05 18:00"]
    assert spans(settings, room(), SATURDAY) == []


def test_a_schedule_is_cut_to_the_tenants_hours() -> None:
    """08–20 of the resource within 09–18 of the tenant is 09–18; the grid starts at nine."""
    settings = tenant(every_day(("09:00", "18:00")))
    resource = room(availability_schedule=every_day(("08:00", "20:00")))
    assert spans(settings, resource, FRIDAY) == ["06-05 09:00–06-05 18:00"]
    resource = room(availability_schedule={"fri": windows([("10:30", "13:00")])})
    assert starts(settings, resource, FRIDAY) == ["06-05 10:30", "06-05 11:30"]
    assert spans(settings, resource, SATURDAY) == []


def test_a_night_belongs_to_the_date_on_which_it_opens() -> None:
    """Friday 22:00–02:00: all four slots stand under Friday, none under Saturday."""
    settings = tenant({"fri": windows([("22:00", "02:00")])})
    assert starts(settings, room(), FRIDAY) == [
        "06-05 22:00",
        "06-05 23:00",
        "06-06 00:00",
        "06-06 01:00",
    ]
    assert starts(settings, room(), SATURDAY) == []


def test_an_end_at_or_before_the_start_runs_into_the_next_day() -> None:
    """00:00 is the midnight to come, 09:00–09:00 is a whole day, 24:00 an end of the date."""
    assert spans(tenant({"fri": windows([("22:00", "00:00")])}), room(), FRIDAY) == [
        "06-05 22:00–06-06 00:00"
    ]
    assert spans(tenant({"fri": windows([("09:00", "09:00")])}), room(), FRIDAY) == [
        "06-05 09:00–06-06 09:00"
    ]
    assert spans(tenant({"fri": windows([("22:00", "24:00")])}), room(), FRIDAY) == [
        "06-05 22:00–06-06 00:00"
    ]


def test_the_zone_is_the_resources_if_it_has_one() -> None:
    """Business hours too are read on the resource's clock."""
    settings = tenant(every_day(("09:00", "18:00")), timezone="Europe/Lisbon")
    assert spans(settings, room(), FRIDAY) == ["06-05 08:00–06-05 17:00"]
    resource = room(timezone="America/Sao_Paulo")
    assert spans(settings, resource, FRIDAY) == ["06-05 12:00–06-05 21:00"]
    resource = room(
        timezone="Asia/Kathmandu", availability_schedule={"fri": windows([("07:00", "12:00")])}
    )
    assert spans(settings, resource, FRIDAY) == ["06-05 03:15–06-05 06:15"]


def test_an_override_replaces_the_windows_of_its_date() -> None:
    """Closed, or windows of its own, still within the tenant's hours."""
    settings = tenant(every_day(("09:00", "18:00")))
    resource = room(
        availability_schedule=every_day(("10:00", "12:00")),
        overrides=[override(FRIDAY), override(SATURDAY, ("07:00", "10:00"), ("17:00", "22:00"))],
    )
    assert spans(settings, resource, FRIDAY) == []
    assert spans(settings, resource, SATURDAY) == [
        "06-06 09:00–06-06 10:00",
        "06-06 17:00–06-06 18:00",
    ]
    assert spans(settings, resource, SUNDAY) == ["06-07 10:00–06-07 12:00"]


def test_an_override_beyond_business_hours_beats_hours_and_closures() -> None:
    """The tenant is closed on Saturday and on a holiday besides, and the resource opens."""
    settings = tenant(
        {"fri": windows([("09:00", "18:00")])},
        closures=[
            {"date": SATURDAY},
            {"starts_at": "2026-06-06T21:00:00Z", "ends_at": "2026-06-06T22:00:00Z"},
        ],
    )
    within = room(overrides=[override(SATURDAY, ("20:00", "23:00"))])
    assert spans(settings, within, SATURDAY) == []
    beyond = room(overrides=[override(SATURDAY, ("20:00", "23:00"), beyond=True)])
    assert spans(settings, beyond, SATURDAY) == ["06-06 20:00–06-06 23:00"]
    assert reasons(settings, beyond, SATURDAY) == [None, None, None]


def test_an_override_that_is_closed_is_closed_beyond_business_hours_too() -> None:
    """Closed wins over windows left in the same override."""
    document = override(FRIDAY, ("09:00", "12:00"), beyond=True) | {"closed": True}
    assert spans(tenant(every_day(("09:00", "18:00"))), room(overrides=[document]), FRIDAY) == []


def test_a_closure_of_a_date_takes_the_windows_that_open_on_it() -> None:
    """Friday closed: its night after midnight is closed with it, Saturday's hours stay."""
    settings = tenant(every_day(("20:00", "02:00")), closures=[{"date": FRIDAY}])
    assert spans(settings, room(), FRIDAY) == []
    assert spans(settings, room(), SATURDAY) == ["06-06 20:00–06-07 02:00"]
    settings = tenant(every_day(("20:00", "02:00")), closures=[{"date": SATURDAY}])
    assert spans(settings, room(), FRIDAY) == ["06-05 20:00–06-06 02:00"]


def test_a_closed_dates_night_is_closed_to_the_next_dates_schedule() -> None:
    """A resource of the small hours works within Friday's night, and Friday is closed."""
    resource = room(availability_schedule={"sat": windows([("00:00", "03:00")])})
    night = {"fri": windows([("20:00", "02:00")])}
    assert spans(tenant(night), resource, SATURDAY) == ["06-06 00:00–06-06 02:00"]
    assert spans(tenant(night, closures=[{"date": FRIDAY}]), resource, SATURDAY) == []


def test_a_closure_of_dates_is_read_in_the_resources_zone() -> None:
    """Kathmandu's Friday is closed, not the Friday of UTC."""
    settings = tenant(
        every_day(("00:00", "24:00")), closures=[{"starts_on": FRIDAY, "ends_on": FRIDAY}]
    )
    resource = room(timezone="Asia/Kathmandu")
    assert spans(settings, resource, FRIDAY) == []
    assert spans(settings, resource, SATURDAY) == ["06-05 18:15–06-06 18:15"]


def test_a_closure_of_instants_cuts_and_does_not_move_the_grid() -> None:
    """10:30–11:00 closed: the hours that touch it are `closed`, the others stay where they were."""
    closure = {"starts_at": "2026-06-05T10:30:00Z", "ends_at": "2026-06-05T11:00:00Z"}
    settings = tenant(every_day(("09:00", "13:00")), closures=[closure])
    assert starts(settings, room(), FRIDAY) == [
        "06-05 09:00",
        "06-05 10:00",
        "06-05 11:00",
        "06-05 12:00",
    ]
    assert reasons(settings, room(), FRIDAY) == [None, "closed", None, None]
    assert codes(ask(settings, room(), "2026-06-05 10:00", "2026-06-05 11:00")) == [
        "outside_business_hours"
    ]


def test_an_inactive_resource_is_closed_slot_by_slot() -> None:
    """It keeps its grid; every slot has the reason `closed`, also in the past."""
    settings = tenant(every_day(("09:00", "11:00")))
    resource = room(active=False)
    assert reasons(settings, resource, FRIDAY) == ["closed", "closed"]
    assert reasons(settings, resource, FRIDAY, now=utc("2026-06-05 09:30")) == ["closed", "closed"]


def test_windows_that_touch_count_as_one() -> None:
    """11:00–13:00 fits 09–12 and 12–15, and is listed under the first."""
    settings = tenant(every_day(("09:00", "12:00"), ("12:00", "15:00")))
    assert starts(settings, room(), FRIDAY, minutes=120) == [
        "06-05 09:00",
        "06-05 10:00",
        "06-05 11:00",
        "06-05 12:00",
        "06-05 13:00",
    ]
    assert codes(ask(settings, room(), "2026-06-05 11:00", "2026-06-05 13:00")) == []


def test_windows_that_touch_across_midnight_count_as_one() -> None:
    """A shop that never closes sells the hour across midnight, and a stay of thirty hours."""
    settings = tenant(every_day(("00:00", "24:00")), slot_interval_minutes=60)
    assert codes(ask(settings, room(), "2026-06-05 23:00", "2026-06-06 01:00")) == []
    assert codes(ask(settings, room(), "2026-06-05 23:00", "2026-06-07 05:00")) == []
    assert starts(settings, room(), FRIDAY, minutes=120)[-1] == "06-05 23:00"
    assert len(starts(settings, room(), FRIDAY, minutes=1800)) == 24


def test_each_window_keeps_its_own_grid() -> None:
    """09:00–12:00 steps from nine, 13:30–16:00 from half past one."""
    settings = tenant(every_day(("09:00", "12:00"), ("13:30", "16:00")))
    assert starts(settings, room(), FRIDAY) == [
        "06-05 09:00",
        "06-05 10:00",
        "06-05 11:00",
        "06-05 13:30",
        "06-05 14:30",
    ]


def test_a_start_on_several_grids_is_listed_once_under_the_earliest_date() -> None:
    """Friday's night until three overlaps Saturday's override from one: 01:00 and 02:00 are
    Friday's, 03:00 is Saturday's.
    """
    settings = tenant({"fri": windows([("23:00", "03:00")])})
    resource = room(overrides=[override(SATURDAY, ("01:00", "05:00"), beyond=True)])
    assert starts(settings, resource, FRIDAY)[-2:] == ["06-06 01:00", "06-06 02:00"]
    assert starts(settings, resource, SATURDAY) == ["06-06 03:00", "06-06 04:00"]
    # Where the grids differ, both are listed.
    resource = room(overrides=[override(SATURDAY, ("01:30", "04:30"), beyond=True)])
    assert starts(settings, resource, SATURDAY) == ["06-06 01:30", "06-06 02:30", "06-06 03:30"]


def test_the_opening_of_a_range_is_that_of_its_dates() -> None:
    """Asking for a week is asking for seven days."""
    settings = tenant(every_day(("22:00", "02:00")), closures=[{"date": SATURDAY}])
    first, last = date(2026, 6, 4), date(2026, 6, 10)
    together = opening_between(settings, room(), first, last)
    assert together == tuple(opening(settings, room(), one.on) for one in together)
    assert [one.on.day for one in together] == [4, 5, 6, 7, 8, 9, 10]


BRAZIL = {"country": "BR", "subdivision": "SP"}


def test_a_holiday_closes_as_a_closure_of_its_date_does() -> None:
    """Nothing is offered or booked on it; an exception opens that date again."""
    settings = tenant(every_day(("09:00", "11:00")), holidays=BRAZIL)
    assert starts(settings, room(), "2026-07-09") == []
    assert starts(settings, room(), "2026-07-10") == ["07-10 09:00", "07-10 10:00"]
    asked = ask(settings, room(), "2026-07-09 09:00", "2026-07-09 10:00")
    assert codes(asked) == ["outside_business_hours"]
    excepted = tenant(every_day(("09:00", "11:00")), holidays={**BRAZIL, "except": ["2026-07-09"]})
    assert starts(excepted, room(), "2026-07-09") == ["07-09 09:00", "07-09 10:00"]
    assert codes(ask(excepted, room(), "2026-07-09 09:00", "2026-07-09 10:00")) == []


def test_the_night_of_new_years_eve_is_not_a_holidays() -> None:
    """What opens on 31 December stays open past midnight; what opens on 1 January does not."""
    settings = tenant(every_day(("22:00", "02:00")), holidays=BRAZIL)
    assert spans(settings, room(), "2026-12-31") == ["12-31 22:00–01-01 02:00"]
    assert spans(settings, room(), "2027-01-01") == []
    assert spans(settings, room(), "2027-01-02") == ["01-02 22:00–01-03 02:00"]
    assert codes(ask(settings, room(), "2027-01-01 00:00", "2027-01-01 02:00")) == []
    assert codes(ask(settings, room(), "2027-01-01 22:00", "2027-01-01 23:00")) != []


def test_a_holiday_is_a_date_of_the_resources_clock() -> None:
    """A resource in Kathmandu of a tenant in Sao Paulo is closed on Kathmandu's 25 December."""
    settings = tenant(every_day(("00:00", "24:00")), holidays=BRAZIL, timezone="America/Sao_Paulo")
    resource = room(timezone="Asia/Kathmandu")
    assert spans(settings, resource, "2026-12-25") == []
    assert spans(settings, resource, "2026-12-24") == ["12-23 18:15–12-24 18:15"]


def test_an_override_beats_a_holiday_only_beyond_business_hours() -> None:
    """As it beats a closure."""
    settings = tenant(every_day(("09:00", "18:00")), holidays=BRAZIL)
    christmas = "2026-12-25"
    within = room(overrides=[override(christmas, ("10:00", "12:00"))])
    assert spans(settings, within, christmas) == []
    beyond = room(overrides=[override(christmas, ("10:00", "12:00"), beyond=True)])
    assert spans(settings, beyond, christmas) == ["12-25 10:00–12-25 12:00"]
