"""A model of a resource's seats and of its bookings' lives; it shares no code with the domain.

One whole number for each minute says how many seats are taken then. What may follow on a status is
written down from the specification, once more.
"""

from dataclasses import dataclass, field

MINUTE = 60
# current → requested → what becomes of it, for staff and without approval.
MOVES = {
    "held": {"confirmed": "confirmed"},
    "pending": {"confirmed": "confirmed", "rejected": "rejected"},
    "confirmed": {"checked_in": "checked_in", "completed": "completed", "no_show": "no_show"},
    "checked_in": {"completed": "completed"},
}
ACTIVE = ("held", "pending", "confirmed", "checked_in")


@dataclass
class Entry:
    """A booking as the model has it; times are minutes, the deadline of a hold is in seconds."""

    name: str
    start: int
    end: int
    quantity: int
    before: int
    after: int
    status: str
    made_at: int
    ttl: int
    window: int
    deadline: int | None = None
    events: list[str] = field(default_factory=lambda: ["booking.created"])

    def has_run_out(self, now: int) -> bool:
        return self.status == "held" and self.deadline is not None and self.deadline <= now

    def counts(self, now: int) -> bool:
        """Whether it takes seats at this second."""
        return self.status in ACTIVE and not self.has_run_out(now)

    def shown_status(self, now: int) -> str:
        return "expired" if self.has_run_out(now) else self.status


class Ledger:
    """Seats over so many minutes, and the entries that take them."""

    def __init__(self, capacity: int, minutes: int) -> None:
        self.capacity = capacity
        self.entries: dict[str, Entry] = {}
        self._minutes = minutes

    def taken(self, now: int, but_for: str | None = None) -> list[int]:
        """For each minute, how many seats are taken as seen at this second."""
        seats = [0] * self._minutes
        for entry in self.entries.values():
            if entry.name != but_for and entry.counts(now):
                for minute in range(entry.start - entry.before, entry.end + entry.after):
                    seats[minute] += entry.quantity
        return seats

    def fits(self, entry: Entry, now: int) -> bool:
        """Whether the entry finds its seats in every minute, itself left aside."""
        seats = self.taken(now, entry.name)[entry.start - entry.before : entry.end + entry.after]
        return max(seats) + entry.quantity <= self.capacity

    def counting(self, now: int) -> int:
        """How many future pending and confirmed bookings a quota counts."""
        return sum(
            entry.status in ("pending", "confirmed") and entry.start * MINUTE > now
            for entry in self.entries.values()
        )


def answer_to_status(entry: Entry, requested: str, now: int, *, staff: bool, approval: bool) -> str:
    """What becomes of a request for a status: the new one, or why there is none."""
    if requested == "cancelled":
        return "use_cancel"
    confirming = requested in ("confirmed", "pending")
    if not staff and (not confirming or entry.status == "pending"):
        return "forbidden"
    was_hold = entry.status == "expired" and entry.events[-1] == "booking.hold_expired"
    if confirming and (was_hold or entry.has_run_out(now)):
        return "hold_expired"
    if entry.has_run_out(now):
        return "invalid_transition"
    if entry.status == "held" and approval and confirming:
        return "pending"
    return MOVES.get(entry.status, {}).get(requested, "invalid_transition")
