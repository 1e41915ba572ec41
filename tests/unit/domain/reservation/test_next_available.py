"""The place that is named when the asked one is taken."""

from domain.reservation.acceptance import Request, next_available, next_available_range
from domain.reservation.booking import terms_for
from domain.reservation.capacity import Busy
from domain.resource.resource import Resource
from domain.tenant.settings import OrganizationSettings
from domain.time.interval import Interval
from tests.unit.domain.civil import shown, utc
from tests.unit.domain.reservation.scene import every_day, room, taken, tenant

NINE_TO_SIX = every_day(("09:00", "18:00"))
NINE, TEN, ELEVEN = "2026-06-05 09:00", "2026-06-05 10:00", "2026-06-05 11:00"
NOW = utc("2026-06-05 08:00")


def following(  # each is a fact of its own
    settings: OrganizationSettings,
    resource: Resource,
    start: str,
    end: str,
    *busy: Busy,
    now: int = NOW,
    days: int = 14,
    exclude: str | None = None,
) -> list[str]:
    """The place after the asked one; empty where there is none."""
    found = next_available(
        settings,
        resource,
        terms_for(settings, resource),
        Request(utc(start), utc(end)),
        now,
        busy=busy,
        days=days,
        exclude_booking_id=exclude,
    )
    return [] if found is None else shown(found.start, found.end)


def test_the_next_free_place_is_named() -> None:
    """After a conflict: the first later start on the grid, of the same length, that is free."""
    settings = tenant(NINE_TO_SIX)
    terms = terms_for(settings, room())
    request = Request(utc("2026-06-05 16:00"), utc("2026-06-05 18:00"))
    busy = [
        taken("2026-06-05 16:00", "2026-06-05 18:00"),
        taken(TEN, ELEVEN),
        taken("2026-06-06 10:00", "2026-06-06 11:00"),
    ]
    found = next_available(settings, room(), terms, request, NOW, busy=busy)
    assert found is not None
    assert shown(found.start, found.end) == ["06-06 11:00", "06-06 13:00"]
    needed = next_available_range(terms, request, NOW)
    assert needed.start <= request.starts_at
    assert found.end <= needed.end


def test_a_night_and_the_next_date_may_both_be_open() -> None:
    """Where an override opens the date into which a night reaches, the first start of either
    counts, each on its own grid."""
    settings = tenant(every_day(("22:00", "02:00")), slot_interval_minutes=45)
    day = {
        "id": "day",
        "date": "2026-06-06",
        "closed": False,
        "windows": [{"start": "00:00", "end": "24:00"}],
        "beyond_business_hours": True,
        "reason": "",
    }
    asked = ("2026-06-05 23:30", "2026-06-06 00:15")
    # The night's grid has 00:15 and 01:00, the date's has 00:00, 00:45 and 01:30.
    assert following(settings, room(overrides=[day]), *asked) == ["06-06 00:00", "06-06 00:45"]
    assert following(settings, room(overrides=[day]), "2026-06-06 00:20", "2026-06-06 01:05") == [
        "06-06 00:45",
        "06-06 01:30",
    ]


def test_there_may_be_no_next_free_place() -> None:
    """Nothing within the look-ahead, or a length that no booking may have."""
    terms = terms_for(tenant(), room())
    closed = tenant({})
    hour, odd = Request(utc(NINE), utc(TEN)), Request(utc(NINE), utc(NINE) + 1)
    assert next_available(closed, room(), terms, hour, NOW, busy=[]) is None
    assert next_available(tenant(NINE_TO_SIX), room(), terms, odd, NOW, busy=[]) is None


def test_it_lies_after_the_asked_start_though_that_were_free() -> None:
    """Nothing is taken, and ten is named after nine."""
    found = following(tenant(NINE_TO_SIX), room(), NINE, TEN)
    assert found == ["06-05 10:00", "06-05 11:00"]


def test_a_booking_that_is_moved_is_not_in_its_own_way() -> None:
    """Its own place is named where it comes next."""
    mine = taken(TEN, ELEVEN, name="mine")
    settings = tenant(NINE_TO_SIX)
    assert following(settings, room(), NINE, TEN, mine)[0] == "06-05 11:00"
    assert following(settings, room(), NINE, TEN, mine, exclude="mine")[0] == "06-05 10:00"


def test_days_are_those_of_the_resources_calendar() -> None:
    """Looking no day ahead at 20:00Z finds the morning of the 6th, which it is in Kathmandu."""
    settings = tenant(NINE_TO_SIX, timezone="Asia/Kathmandu")
    evening = "2026-06-05 20:00"
    found = following(settings, room(), evening, "2026-06-05 21:00", now=utc(evening), days=0)
    assert found == ["06-06 03:15", "06-06 04:15"]


def test_a_night_that_began_the_day_before_is_looked_at() -> None:
    """After one in the morning comes two, which is still yesterday's window."""
    settings = tenant(every_day(("20:00", "04:00")))
    found = following(settings, room(), "2026-06-05 01:00", "2026-06-05 02:00", now=NOW - 30_000)
    assert found == ["06-05 02:00", "06-05 03:00"]


def test_a_night_before_a_date_that_never_was() -> None:
    """Where clocks left a date out (30 December 2011 in Apia), the night before it reaches into the
    date after, which is still open at its first midnight."""
    settings = tenant(every_day(("20:00", "04:00")), timezone="Pacific/Apia")
    midnight = utc("2011-12-30 10:00")
    asked = "2011-12-30 10:00", "2011-12-30 11:00"
    assert following(settings, room(), *asked, now=midnight)[0] == "12-30 11:00"


def test_what_it_depends_on_is_bounded() -> None:
    """From the asked start, or from now, as many days and three more, a length and the buffers."""
    terms = terms_for(tenant(buffer_before_minutes=10, buffer_after_minutes=20), room())
    day = 86_400
    ahead = Request(NOW + 3600, NOW + 7200)
    assert next_available_range(terms, ahead, NOW) == Interval(
        NOW + 3600 - 600, NOW + 3600 + 17 * day + 3600 + 1200
    )
    past = Request(NOW - 7200, NOW - 3600)
    assert next_available_range(terms, past, NOW + 0.5, 1) == Interval(
        NOW - 600, NOW + 4 * day + 3600 + 1200
    )
    backwards = Request(NOW, NOW - 3600)
    assert next_available_range(terms, backwards, NOW, 0) == Interval(
        NOW - 600, NOW + 3 * day + 1200
    )
