"""Which rules staff set aside for one booking, one by one, and which nobody does."""

from dataclasses import dataclass

import pytest

from domain.reservation.acceptance import Accepted, Refused
from domain.reservation.rules import OVERRIDABLE
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.scene import ask, codes, every_day, room, tenant

NINE_TO_SIX = every_day(("09:00", "18:00"))
NINE, TEN = "2026-06-05 09:00", "2026-06-05 10:00"


def test_staff_set_rules_aside_by_name_and_only_what_was_broken_is_recorded() -> None:
    """Naming more than was needed records no more than was needed."""
    settings = tenant(NINE_TO_SIX, max_active_bookings_per_user=1)
    named = frozenset({"outside_business_hours", "quota_exceeded", "too_soon"})
    answer = ask(
        settings,
        room(),
        "2026-06-05 18:00",
        "2026-06-05 19:00",
        override=named,
        active_bookings_of_user=1,
    )
    assert isinstance(answer, Accepted)
    assert answer.overridden == ("outside_business_hours", "quota_exceeded")


def test_a_rule_that_is_not_named_still_holds() -> None:
    """One by one: what was not named is refused and listed alone."""
    settings = tenant(NINE_TO_SIX, max_duration_minutes=60)
    answer = ask(
        settings,
        room(),
        "2026-06-05 18:00",
        "2026-06-05 20:00",
        override=frozenset({"outside_business_hours"}),
    )
    assert codes(answer) == ["duration_out_of_bounds"]


@pytest.mark.parametrize(
    "name",
    [
        "invalid_interval",
        "resource_unavailable",
        "capacity_exceeded",
        "booking_conflict",
        "everything",
    ],
)
def test_nobody_overrides_the_end_the_resource_or_a_conflict(name: str) -> None:
    """Steps 1, 7 and 9 have no override, nor has a rule that does not exist."""
    answer = ask(tenant(NINE_TO_SIX), room(), NINE, TEN, override=frozenset({name}))
    assert codes(answer) == ["unknown_override"]


@dataclass(frozen=True)
class Breach:
    """A booking of nine to ten, asked ten minutes before it, but for what is said here."""

    start: str = NINE
    end: str = TEN
    ahead: int = 600
    count: int = 0
    lead: int = 0


# Each breaks one rule and no other.
BREACHES = {
    "in_the_past": Breach(ahead=-1),
    "too_soon": Breach(lead=30),
    "too_far_ahead": Breach(ahead=2 * 86_400),
    "duration_not_multiple": Breach(end="2026-06-05 10:10"),
    "duration_out_of_bounds": Breach(end="2026-06-05 12:00"),
    "outside_business_hours": Breach("2026-06-05 18:00", "2026-06-05 19:00"),
    "not_aligned": Breach("2026-06-05 09:30", "2026-06-05 10:30"),
    "quota_exceeded": Breach(count=1),
}


def test_the_rules_that_can_be_set_aside_are_2_to_6_and_8() -> None:
    """No more and no fewer."""
    assert set(BREACHES) == OVERRIDABLE


@pytest.mark.parametrize(("rule", "breach"), BREACHES.items(), ids=BREACHES)
def test_each_of_them_is_set_aside_by_its_own_name(rule: str, breach: Breach) -> None:
    """A booking that breaks this one rule is refused for it, and accepted by its override."""
    settings = tenant(
        NINE_TO_SIX,
        max_advance_days=1,
        min_advance_minutes=breach.lead,
        min_duration_minutes=60,
        max_duration_minutes=120,
        max_active_bookings_per_user=1,
        enforce_slot_alignment=True,
    )

    def answer(*override: str) -> Accepted | Refused:
        return ask(
            settings,
            room(),
            breach.start,
            breach.end,
            now=utc(breach.start) - breach.ahead,
            override=frozenset(override),
            active_bookings_of_user=breach.count,
        )

    assert codes(answer()) == [rule]
    accepted = answer(rule)
    assert isinstance(accepted, Accepted)
    assert accepted.overridden == (rule,)
