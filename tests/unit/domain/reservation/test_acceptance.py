"""Whether a booking is acceptable: each rule, the order they are checked in, and overrides."""

from dataclasses import replace

from domain.reservation.acceptance import (
    Accepted,
    Refused,
    Request,
)
from domain.reservation.capacity import Busy
from domain.time.instant import utc_of
from domain.time.interval import Interval
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import ask, codes, every_day, room, taken, tenant, windows

NINE_TO_SIX = every_day(("09:00", "18:00"))
NINE, TEN, ELEVEN = "2026-06-05 09:00", "2026-06-05 10:00", "2026-06-05 11:00"
STEPS_2_TO_6 = (
    "in_the_past",
    "too_soon",
    "duration_not_multiple",
    "duration_out_of_bounds",
    "outside_business_hours",
    "not_aligned",
)


def test_a_booking_within_every_rule_is_accepted_with_the_time_it_blocks() -> None:
    """Buffers reach outside business hours and are part of what is blocked."""
    settings = tenant(NINE_TO_SIX, buffer_before_minutes=10, buffer_after_minutes=20)
    blocked = Interval(utc("2026-06-05 08:50"), utc("2026-06-05 10:20"))
    assert ask(settings, room(), NINE, TEN) == Accepted(blocked)


def test_the_end_must_lie_after_the_start() -> None:
    """Neither an empty nor a negative interval; nothing else is said about its length or place."""
    settings = tenant(NINE_TO_SIX)
    assert codes(ask(settings, room(), TEN, TEN)) == ["invalid_interval"]
    assert codes(ask(settings, room(), TEN, NINE)) == ["invalid_interval"]


def test_a_start_in_the_past_is_refused_and_now_is_not_the_past() -> None:
    """The very instant still starts; a microsecond later it does not."""
    settings = tenant(NINE_TO_SIX)
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE))) == []
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) + 1e-6)) == ["in_the_past"]


def test_lead_time_is_kept_to_the_second() -> None:
    """Sixty minutes ahead is enough, a second less is too soon."""
    settings = tenant(NINE_TO_SIX, min_advance_minutes=60)
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 3600)) == []
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 3599)) == ["too_soon"]
    late = ask(settings, room(), NINE, TEN, now=utc(NINE) + 1)
    assert codes(late) == ["in_the_past", "too_soon"]


def test_the_horizon_is_elapsed_days() -> None:
    """Ninety days ahead is allowed, a second more is too far."""
    settings = tenant(NINE_TO_SIX, max_advance_days=90)
    day = 86_400
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 90 * day)) == []
    assert codes(ask(settings, room(), NINE, TEN, now=utc(NINE) - 90 * day - 1)) == [
        "too_far_ahead"
    ]


def test_a_duration_is_a_multiple_of_the_interval_within_its_bounds() -> None:
    """Each of the two rules has its own code, and both may be broken at once."""
    settings = tenant(
        NINE_TO_SIX, slot_interval_minutes=30, min_duration_minutes=60, max_duration_minutes=120
    )
    assert codes(ask(settings, room(), NINE, "2026-06-05 10:45")) == ["duration_not_multiple"]
    assert codes(ask(settings, room(), NINE, "2026-06-05 09:30")) == ["duration_out_of_bounds"]
    assert codes(ask(settings, room(), NINE, "2026-06-05 11:30")) == ["duration_out_of_bounds"]
    assert codes(ask(settings, room(), NINE, "2026-06-05 09:20")) == [
        "duration_not_multiple",
        "duration_out_of_bounds",
    ]
    assert codes(ask(settings, room(), NINE, TEN)) == []
    assert codes(ask(settings, room(), NINE, ELEVEN)) == []


def test_without_a_least_duration_there_is_none() -> None:
    """Half a minute is no multiple, and is not said to be too short besides."""
    settings = tenant(NINE_TO_SIX, slot_interval_minutes=30)
    answer = ask(settings, room(), NINE, "2026-06-05 09:00:30")
    assert codes(answer) == ["duration_not_multiple"]


def test_a_refusal_says_what_is_wrong_in_a_sentence() -> None:
    """Each rule has its own, for whoever reads the answer."""
    settings = tenant(NINE_TO_SIX, max_duration_minutes=60)
    answer = ask(settings, room(), "2026-06-05 20:00", "2026-06-05 22:30")
    assert isinstance(answer, Refused)
    assert [one.message for one in answer.violations] == [
        "The duration is no multiple of the slot interval.",
        "The duration is shorter or longer than allowed.",
        "The time does not lie within the opening hours.",
    ]


def test_no_booking_is_longer_than_31_days() -> None:
    """Without a bound of the tenant's own, the greatest that a tenant could set holds."""
    settings = tenant(every_day(("00:00", "24:00")))
    assert codes(ask(settings, room(), "2026-06-01 00:00", "2026-07-02 00:00")) == []
    assert codes(ask(settings, room(), "2026-06-01 00:00", "2026-07-02 01:00")) == [
        "duration_out_of_bounds"
    ]
    every = frozenset({"duration_out_of_bounds"})
    longer = ask(settings, room(), "2026-06-01 00:00", "2026-09-01 00:00", override=every)
    assert isinstance(longer, Accepted)
    # However long, an answer comes, and at once.
    endless = ask(settings, room(), "2026-06-01 00:00", "2099-06-01 00:00", override=every)
    assert codes(endless) == ["outside_business_hours"]


def test_a_fraction_of_a_second_makes_a_length_no_multiple() -> None:
    """Instants are rounded outwards, so that nothing is cut off unsaid."""
    exact = Request.of(utc_of(utc(NINE)), utc_of(utc(TEN)))
    assert exact == Request(utc(NINE), utc(TEN))
    skewed = Request.of(utc_of(utc(NINE) + 0.5), utc_of(utc(TEN) + 0.5), quantity=2)
    assert skewed == Request(utc(NINE), utc(TEN) + 1, 2)


def test_a_booking_lies_wholly_inside_the_opening() -> None:
    """Early, late, across lunch, or on a closed day: outside business hours."""
    settings = tenant({"fri": windows([("09:00", "12:00"), ("13:00", "18:00")])})
    for start, end in (
        ("2026-06-05 08:00", TEN),
        ("2026-06-05 17:00", "2026-06-05 19:00"),
        (ELEVEN, "2026-06-05 14:00"),
        ("2026-06-06 09:00", "2026-06-06 10:00"),
    ):
        assert codes(ask(settings, room(), start, end)) == ["outside_business_hours"]


def test_alignment_is_asked_where_it_is_enforced() -> None:
    """09:30 is off the hourly grid; outside every window there is no grid to be off."""
    loose, strict = tenant(NINE_TO_SIX), tenant(NINE_TO_SIX, enforce_slot_alignment=True)
    half, end = "2026-06-05 09:30", "2026-06-05 10:30"
    assert codes(ask(loose, room(), half, end)) == []
    assert codes(ask(strict, room(), half, end)) == ["not_aligned"]
    assert codes(ask(strict, room(), NINE, TEN)) == []
    assert codes(ask(strict, room(), "2026-06-05 06:30", "2026-06-05 07:30")) == [
        "outside_business_hours"
    ]
    # The closing of a window lies in it no more than the evening does.
    early = tenant(every_day(("09:00", "12:30")), enforce_slot_alignment=True)
    assert codes(ask(early, room(), "2026-06-05 12:30", "2026-06-05 13:30")) == [
        "outside_business_hours"
    ]


def test_a_start_on_any_grid_of_overlapping_windows_is_aligned() -> None:
    """Where the clocks push two windows together, either grid will do."""
    settings = tenant(
        every_day(("01:00", "02:30"), ("03:00", "05:00")),
        timezone="America/New_York",
        enforce_slot_alignment=True,
        slot_interval_minutes=45,
    )
    on_first, on_second = "2026-03-08 06:45", "2026-03-08 07:45"
    assert codes(ask(settings, room(), on_first, "2026-03-08 07:30")) == []
    assert codes(ask(settings, room(), on_second, "2026-03-08 08:30")) == []
    assert codes(ask(settings, room(), "2026-03-08 07:15", "2026-03-08 08:00")) == ["not_aligned"]
    # 07:10Z is on the grid of the first window alone, after the second has opened.
    finer = replace(settings, slot_interval_minutes=35)
    assert codes(ask(finer, room(), "2026-03-08 07:10", "2026-03-08 07:45")) == []
    assert codes(ask(finer, room(), "2026-03-08 07:35", "2026-03-08 08:10")) == []
    assert codes(ask(finer, room(), "2026-03-08 07:20", "2026-03-08 07:55")) == ["not_aligned"]


def test_all_of_steps_1_to_6_are_listed_and_the_first_names_the_refusal() -> None:
    """In the past, too long by half, at night and off the grid."""
    settings = tenant(
        NINE_TO_SIX,
        min_advance_minutes=30,
        max_duration_minutes=60,
        enforce_slot_alignment=True,
    )
    answer = ask(
        settings,
        room(active=False),
        "2026-06-05 17:30",
        "2026-06-05 19:00",
        now=utc("2026-06-06 00:00"),
    )
    assert isinstance(answer, Refused)
    assert answer.code == "in_the_past"
    assert codes(answer) == [
        "in_the_past",
        "too_soon",
        "duration_not_multiple",
        "duration_out_of_bounds",
        "outside_business_hours",
        "not_aligned",
    ]
    assert [one.field for one in answer.violations] == [
        "starts_at",
        "starts_at",
        "ends_at",
        "ends_at",
        "starts_at",
        "starts_at",
    ]


def test_the_steps_are_taken_in_their_order() -> None:
    """A booking that breaks every rule is refused for the first; with each rule that is set aside,
    or met, for the next.
    """
    settings = tenant(
        NINE_TO_SIX,
        min_advance_minutes=30,
        max_duration_minutes=60,
        enforce_slot_alignment=True,
        max_active_bookings_per_user=1,
    )
    aside: set[str] = set()
    resource = room(active=False, capacity=2)

    def first(quantity: int = 3, count: int = 1, busy: tuple[Busy, ...] = ()) -> str | None:
        answer = ask(
            settings,
            resource,
            "2026-06-05 17:30",
            "2026-06-05 19:00",
            quantity=quantity,
            now=utc("2026-06-06 00:00"),
            override=frozenset(aside),
            active_bookings_of_user=count,
            busy=busy,
        )
        return answer.code if isinstance(answer, Refused) else None

    for step in STEPS_2_TO_6:
        assert first() == step
        aside.add(step)
    assert first() == "resource_unavailable"
    resource = room(capacity=2)
    assert first() == "capacity_exceeded"
    taken_by_others = (taken("2026-06-05 18:00", "2026-06-05 20:00"),)
    assert first(quantity=2, busy=taken_by_others) == "quota_exceeded"
    assert first(quantity=2, count=0, busy=taken_by_others) == "booking_conflict"
    assert first(quantity=1, count=0, busy=taken_by_others) is None
