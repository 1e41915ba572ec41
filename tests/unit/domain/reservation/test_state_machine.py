"""Any sequence of creating, holding, confirming, moving, cancelling and expiring, beside a model.

The model (tests/seats.py) counts seats minute by minute. Whatever happens, domain and model give
the same answer, every booking has the same status and events, and no seat is sold twice.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from domain.reservation.acceptance import Request
from tests.seats import MINUTE, Entry, Ledger, answer_to_status
from tests.unit.domain.civil import utc
from tests.unit.domain.reservation.diary import Diary
from tests.unit.domain.reservation.people import ANA, STAFF
from tests.unit.domain.reservation.scene import every_day, room, tenant

# Minute 0 of the model; the first bookings are made two hours later.
BEGIN = utc("2026-06-01 00:00")
MINUTES = 10 * 1440
STEP = 30
# On the grid of half hours and off it, from just now to a day ahead.
ahead = st.sampled_from([-30, 0, 15, 30, 60, 90, 120, 240, 720, 1440])
lengths = st.sampled_from([30, 30, 45, 60, 90, 0])
quantities = st.sampled_from([1, 1, 1, 2, 3])
callers = st.sampled_from([ANA, STAFF])
statuses = ["pending", "confirmed", "checked_in", "completed", "no_show", "rejected", "expired"]
buffers = st.sampled_from([0, 0, 10, 30])


class Reservations(RuleBasedStateMachine):
    """One resource, one customer, one member of staff."""

    names = Bundle("names")

    @initialize(
        target=names,
        capacity=st.integers(1, 3),
        approval=st.booleans(),
        aligned=st.booleans(),
        before=buffers,
        after=buffers,
        window=st.sampled_from([0, 1]),
        quota=st.sampled_from([None, None, 3]),
    )
    def begin(self, capacity: int, approval: bool, aligned: bool, quota: int | None,
              before: int, after: int, window: int) -> Any:  # fmt: skip
        """A day that has nothing booked but a hold."""
        self.policy: dict[str, Any] = {
            "requires_approval": approval,
            "enforce_slot_alignment": aligned,
            "max_active_bookings_per_user": quota,
            "hold_ttl_seconds": 20 * MINUTE,
        }
        self.model = Ledger(capacity, MINUTES)
        now = BEGIN + 120 * MINUTE
        self.diary = Diary(tenant(), room(capacity=capacity), now)
        self.change_policy(before, after, window)
        return self.create(at=240, length=60, quantity=1, held=True)

    @property
    def now(self) -> int:
        """In seconds since the model began."""
        return self.diary.now - BEGIN

    @rule(before=buffers, after=buffers, window=st.sampled_from([0, 1, 3]))
    def change_policy(self, before: int, after: int, window: int) -> None:
        """What is made from now on is under other terms; what was made is not."""
        self.buffers, self.window = (before, after), window
        self.diary.settings = tenant(
            every_day(("00:00", "24:00")),
            slot_interval_minutes=STEP,
            buffer_before_minutes=before,
            buffer_after_minutes=after,
            cancellation_window_hours=window,
            **self.policy,
        )

    @rule(target=names, at=ahead, length=lengths, quantity=quantities, held=st.booleans())
    def create(self, at: int, length: int, quantity: int, held: bool) -> Any:
        """Every booking is Ana's."""
        start = self._minute(at)
        name = str(len(self.model.entries))
        status = "held" if held else "pending" if self.policy["requires_approval"] else "confirmed"
        entry = Entry(
            name, start, start + length, quantity, *self.buffers, status,
            made_at=self.now, ttl=20 * MINUTE, window=self.window * 60 * MINUTE,
            deadline=self.now + 20 * MINUTE if held else None,
        )  # fmt: skip
        expected = self._against(entry, counted=True)
        assert self.diary.create(name, self._request(entry), ANA, held=held) == expected
        if expected:
            return multiple()
        self.model.entries[name] = entry
        return name

    @rule(name=names, at=ahead, length=lengths, quantity=quantities, caller=callers)
    def move(self, name: str, at: int, length: int, quantity: int, caller: Any) -> None:
        """Under the terms that it was made under, its own seats left aside."""
        entry = self.model.entries[name]
        start = self._minute(at)
        wanted = Entry(**{**vars(entry), "start": start, "end": start + length,
                          "quantity": quantity})  # fmt: skip
        denied = self._not_to_be_moved(entry, staff=caller is STAFF)
        expected = [denied] if denied else self._against(wanted, counted=False)
        assert self.diary.move(name, self._request(wanted), caller) == expected
        if not expected:
            entry.start, entry.end, entry.quantity = start, start + length, quantity
            entry.events.append("booking.updated")

    @rule(name=names, requested=st.sampled_from([*statuses, "confirmed", "cancelled"]),
          caller=callers)  # fmt: skip
    def change_status(self, name: str, requested: str, caller: Any) -> None:
        entry = self.model.entries[name]
        approval = self.policy["requires_approval"]
        expected = answer_to_status(
            entry, requested, self.now, staff=caller is STAFF, approval=approval
        )
        assert self.diary.change_status(name, requested, caller) == expected
        if expected in statuses:
            entry.status, entry.deadline = expected, None
            entry.events.append("booking.status_changed")

    @rule(name=names, caller=callers)
    def cancel(self, name: str, caller: Any) -> None:
        entry = self.model.entries[name]
        expected = self._answer_to_cancel(entry, staff=caller is STAFF)
        assert self.diary.cancel(name, caller) == expected
        if expected == "cancelled":
            entry.status, entry.deadline = "cancelled", None
            entry.events.append("booking.cancelled")

    @rule(name=names)
    def extend(self, name: str) -> None:
        """By one TTL, up to four from the making."""
        entry = self.model.entries[name]
        answer = self.diary.extend(name, STAFF)
        if entry.status != "held" or entry.has_run_out(self.now):
            assert answer in ("hold_expired", "invalid_transition")
            return
        assert entry.deadline is not None
        longest = entry.made_at + 4 * entry.ttl
        if entry.deadline == longest:
            assert answer == "hold_limit_reached"
        else:
            entry.deadline = min(entry.deadline + entry.ttl, longest)
            entry.events.append("booking.updated")
            assert answer == BEGIN + entry.deadline

    @rule(name=names)
    def sweep(self, name: str) -> None:
        """The sweeper comes by: it does what time has done, and only that."""
        entry = self.model.entries[name]
        overdue = entry.status == "pending" and entry.start * MINUTE <= self.now
        kind = "booking.hold_expired" if entry.status == "held" else "booking.status_changed"
        due = entry.has_run_out(self.now) or overdue
        assert self.diary.sweep(name) is due
        if due:
            entry.status = "expired"
            entry.events.append(kind)

    @rule(minutes=st.sampled_from([1, 10, 20, 60, 240]))
    def wait(self, minutes: int) -> None:
        if self.now < (MINUTES - 4 * 1440) * MINUTE:
            self.diary.now += minutes * MINUTE

    @rule(name=names, boundary=st.sampled_from(["deadline", "start", "end", "window"]),
          early=st.booleans(), caller=callers,
          then=st.sampled_from(["confirm", "cancel", "move", "sweep"]))  # fmt: skip
    def wait_for(self, name: str, boundary: str, early: bool, caller: Any, then: str) -> None:
        """To the very second at which something ends, or the one before it; then comes somebody."""
        entry = self.model.entries[name]
        at = {
            "deadline": entry.deadline or 0,
            "start": entry.start * MINUTE,
            "end": entry.end * MINUTE + 1,
            "window": entry.start * MINUTE - entry.window + 1,
        }[boundary]
        self.diary.now = max(self.diary.now, BEGIN + at - early)
        match then:
            case "confirm":
                self.change_status(name, "confirmed", caller)
            case "cancel":
                self.cancel(name, caller)
            case "move":
                self.move(name, 720, 60, 1, caller)
            case _:
                self.sweep(name)

    @rule(length=st.sampled_from([30, 60, 45]), quantity=quantities)
    def look(self, length: int, quantity: int) -> None:
        """What availability offers is what the seats say."""
        for start, free in self.diary.offered(length, quantity).items():
            minute = (start - BEGIN) // MINUTE
            slot = Entry("new", minute, minute + length, quantity, *self.buffers, "confirmed",
                         self.now, 0, 0)  # fmt: skip
            assert free is (self._against(slot, counted=False) == []), slot

    @invariant()
    def no_seat_is_sold_twice(self) -> None:
        assert max(self.model.taken(self.now)) <= self.model.capacity

    @invariant()
    def both_have_the_same_bookings(self) -> None:
        entries, bookings = self.model.entries, self.diary.bookings
        assert {name: entry.status for name, entry in entries.items()} == {
            name: booking.status.value for name, booking in bookings.items()
        }
        assert {name: entry.events for name, entry in entries.items()} == self.diary.events

    def _minute(self, at: int) -> int:
        """A start so far from the last half hour."""
        return self.now // MINUTE // STEP * STEP + at

    def _request(self, entry: Entry) -> Request:
        start, end = BEGIN + entry.start * MINUTE, BEGIN + entry.end * MINUTE
        return Request(start, end, entry.quantity)

    def _against(self, entry: Entry, *, counted: bool) -> list[str]:
        """The codes of all steps up to 6 that it breaks, or of the first that follows."""
        length = entry.end - entry.start
        checks = {
            "invalid_interval": length <= 0,
            "in_the_past": entry.start * MINUTE < self.now,
            "duration_not_multiple": length > 0 and length % STEP != 0,
            "not_aligned": length > 0
            and self.policy["enforce_slot_alignment"]
            and entry.start % STEP != 0,
        }
        if broken := [code for code, wrong in checks.items() if wrong]:
            return broken
        if entry.quantity > self.model.capacity:
            return ["capacity_exceeded"]
        quota = self.policy["max_active_bookings_per_user"]
        if counted and quota is not None and self.model.counting(self.now) >= quota:
            return ["quota_exceeded"]
        return [] if self.model.fits(entry, self.now) else ["booking_conflict"]

    def _not_to_be_moved(self, entry: Entry, *, staff: bool) -> str | None:
        if not entry.counts(self.now):
            return "not_active"
        if not staff and entry.status == "checked_in":
            return "forbidden"
        last = entry.end * MINUTE if staff else entry.start * MINUTE - entry.window
        return "reschedule_window_passed" if self.now > last else None

    def _answer_to_cancel(self, entry: Entry, *, staff: bool) -> str:
        if not entry.counts(self.now):
            return "not_active"
        last = entry.end * MINUTE if staff else entry.start * MINUTE - entry.window
        if not staff:
            if entry.status == "checked_in":
                return "forbidden"
            if entry.status == "held":
                return "cancelled"
        return "cancellation_window_passed" if self.now > last else "cancelled"


TestReservations = Reservations.TestCase
TestReservations.settings = settings(stateful_step_count=30)
