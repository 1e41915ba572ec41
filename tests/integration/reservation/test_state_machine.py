"""Any sequence of creating, holding, moving, cancelling and running out, on the real database.

The model is that of the domain's machine (tests/seats.py): it counts seats minute by minute.
"""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from contracts.reservation import commands
from contracts.wire.envelope import SYSTEM
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from storage.delivery.known import KnownObjects
from tests.integration.desk import Desk, code_of
from tests.integration.reservation.salon import Salon, morning
from tests.seats import Entry, Ledger, answer_to_status

ALWAYS = settings(
    max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, database=None
)
# No minute passes by the model's clock: a hold runs out when the database is told so.
NOW = 0
starts = st.sampled_from([480, 495, 510, 540, 570, 600])
lengths = st.sampled_from([30, 60, 60, 45, 90])
quantities = st.sampled_from([1, 1, 2, 3])
statuses = ["confirmed", "confirmed", "checked_in", "completed", "no_show", "rejected", "cancelled"]


class Reservations(RuleBasedStateMachine):
    """One resource and a member of staff; every step waits for the handlers' answer."""

    desk: ClassVar[Desk]
    known: ClassVar[KnownObjects]
    loop: ClassVar[asyncio.AbstractEventLoop]
    names = Bundle("names")

    @initialize(
        target=names,
        capacity=st.integers(1, 3),
        before=st.sampled_from([0, 0, 30]),
        after=st.sampled_from([0, 30]),
        approval=st.booleans(),
    )
    def begin(self, capacity: int, before: int, after: int, approval: bool) -> Any:
        """A tenant of its own, with a hold."""
        self.salon = Salon(self.desk, self.known)
        self.midnight = morning(hour=0)
        self.approval, self.buffers = approval, (before, after)
        rules = {"requires_approval": approval, "buffer_before_minutes": before,
                 "buffer_after_minutes": after}  # fmt: skip
        self.wait(self.salon.open(**rules))
        self.resource = self.wait(self.salon.resource(new_id(), capacity=capacity, kind="space"))
        self.model = Ledger(capacity, 2880)
        return self.create(540, 60, 1, held=True)

    @rule(target=names, start=starts, length=lengths, quantity=quantities, held=st.booleans())
    def create(self, start: int, length: int, quantity: int, held: bool) -> Any:
        status = "held" if held else "pending" if self.approval else "confirmed"
        deadline = 300 if held else None
        entry = Entry("", start, start + length, quantity, *self.buffers, status, 0, 300, 0,
                      deadline)  # fmt: skip
        more: dict[str, Any] = {"status": "held"} if held else {}
        reply = self.wait(
            self.salon.book(
                self._at(start), length, resource_id=self.resource, quantity=quantity, **more
            )
        )
        assert code_of(reply) == self._against(entry, 201)
        if reply.status != 201:
            return multiple()
        entry.name = reply.body["id"]
        self.model.entries[entry.name] = entry
        return entry.name

    @rule(name=names, start=starts, length=lengths, quantity=quantities)
    def move(self, name: str, start: int, length: int, quantity: int) -> None:
        entry = self.model.entries[name]
        wanted = Entry(**{**vars(entry), "start": start, "end": start + length,
                          "quantity": quantity})  # fmt: skip
        same = (start, start + length, quantity) == (entry.start, entry.end, entry.quantity)
        reply = self._ask(
            commands.BookingUpdate,
            booking_id=name,
            starts_at=self._at(start),
            ends_at=self._at(start + length),
            quantity=quantity,
        )
        if same:
            assert code_of(reply) == (200, None)
            return
        gone = (409, "hold_expired") if entry.has_run_out(NOW) else _INVALID
        alive = entry.counts(NOW)
        assert code_of(reply) == (self._against(wanted, 200) if alive else gone)
        if reply.status == 200:
            entry.start, entry.end, entry.quantity = start, start + length, quantity
            entry.events.append("booking.updated")

    @rule(name=names, requested=st.sampled_from(statuses))
    def change_status(self, name: str, requested: str) -> None:
        entry = self.model.entries[name]
        expected = answer_to_status(entry, requested, NOW, staff=True, approval=self.approval)
        reply = self._ask(commands.BookingChangeStatus, booking_id=name, status=requested)
        if expected in ("use_cancel", "hold_expired", "invalid_transition"):
            assert code_of(reply) == (400 if expected == "use_cancel" else 409, expected)
        else:
            assert (reply.status, reply.body["status"]) == (200, expected)
            entry.status, entry.deadline = expected, None
            entry.events.append("booking.status_changed")

    @rule(name=names)
    def cancel(self, name: str) -> None:
        entry = self.model.entries[name]
        reply = self._ask(commands.BookingCancel, booking_id=name)
        assert code_of(reply) == ((200, None) if entry.counts(NOW) else _INVALID)
        if reply.status == 200:
            entry.status, entry.deadline = "cancelled", None
            entry.events.append("booking.cancelled")

    @rule(name=names)
    def let_run_out(self, name: str) -> None:
        """A hold's deadline passes; nobody comes by."""
        entry = self.model.entries[name]
        if entry.status == "held" and entry.counts(NOW):
            self.wait(self.salon.let_hold_run_out(name))
            entry.deadline = NOW

    @rule(name=names)
    def sweep(self, name: str) -> None:
        """The sweeper comes by, whether there is something to do or not."""
        self.wait(self.salon.ask(commands.BookingExpire, SYSTEM, booking_id=name))

    def teardown(self) -> None:
        """Statuses, events without gap, and the seats that the database counts."""
        for entry in self.model.entries.values():
            self.sweep(entry.name)
            if entry.has_run_out(NOW):
                entry.status = "expired"
                entry.events.append("booking.hold_expired")
            shown = self.wait(self.salon.read(entry.name))
            assert shown["status"] == entry.status
            assert self.wait(self.salon.events(entry.name)) == [
                (kind, number) for number, kind in enumerate(entry.events, 1)
            ]
        active = sum(entry.counts(NOW) for entry in self.model.entries.values())
        assert self.wait(self.salon.taken(self.resource)) == active
        assert max(self.model.taken(NOW)) <= self.model.capacity

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of what the tests' loop does meanwhile."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def _ask(self, message: Any, **fields: Any) -> Reply:
        found: Reply = self.wait(self.salon.ask(message, **fields))
        return found

    def _at(self, minute: int) -> Any:
        return self.midnight + timedelta(minutes=minute)

    def _against(self, entry: Entry, done: int) -> tuple[int, str | None]:
        """Status and code that the request gets."""
        if (entry.end - entry.start) % 30:
            return 400, "duration_not_multiple"
        if entry.quantity > self.model.capacity:
            return 400, "capacity_exceeded"
        return (done, None) if self.model.fits(entry, NOW) else (409, "booking_conflict")


_INVALID = (409, "invalid_transition")


async def test_any_sequence_has_the_models_answers(desk: Desk, known: KnownObjects) -> None:
    """What the handlers answer, what is stored and what is told is what the seats say."""
    there = {"desk": desk, "known": known, "loop": asyncio.get_running_loop()}
    machine = type("Machine", (Reservations,), there)
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=ALWAYS)
