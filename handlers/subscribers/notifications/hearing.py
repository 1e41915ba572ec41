"""What becomes something to be said: events of bookings and of the waitlist."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import orjson

from contracts.wire.envelope import Envelope
from contracts.wire.sealing import Keyring
from handlers.subscribers.notifications.reminding import REMINDER
from storage.delivery.transaction import Writing
from storage.subscriber.notifications import Queued, queue

HEARD = frozenset(
    {
        "booking.created",
        "booking.updated",
        "booking.cancelled",
        "booking.status_changed",
        "booking.hold_expired",
        "waitlist.offered",
        "user.updated",
    }
)
SOURCES = ("reservation", "user")
_PLANNED = HEARD - {"waitlist.offered", "user.updated"}
# What a person has to know of: when and where. Notes and an extended hold are their own doing.
_PLACE = ("starts_at", "ends_at", "resource_id")
# What becomes of a hold that is taken up.
_BOOKED = frozenset({"pending", "confirmed"})


class Hearing:
    """A consumer of what happens to bookings, and of what people wish; what it keeps of it is
    sealed."""

    def __init__(self, keyring: Keyring, channels: Sequence[str] = ("email",)) -> None:
        self._keyring = keyring
        self._channels = channels

    async def hear(self, work: Writing, event: Envelope) -> None:
        """Afterwards whoever the booking is for is going to be told, by each way once for each
        event; whether they want it is asked when it is sent."""
        state = orjson.loads(event.data)
        if event.type == "user.updated":
            await self._plan_anew(work, event, state)
            return
        if state["user_id"] is None:
            return
        await self._plan(work, event, state)
        said = said_of(event.type, state)
        if said is None:
            return
        template, payload, booking_id = said
        for channel in self._channels:
            await queue(
                work,
                Queued(
                    notification_id=uuid5(event.id, channel),
                    template=template,
                    channel=channel,
                    payload=self._keyring.seal(orjson.dumps(payload)),
                    booking_id=UUID(booking_id),
                    user_id=UUID(state["user_id"]),
                ),
            )

    async def _plan(self, work: Writing, event: Envelope, state: dict[str, Any]) -> None:
        """Afterwards reminders are going to be planned anew, where the event changes when they are
        due."""
        changes = state.get("changes", {})
        if event.type not in _PLANNED or (
            event.type == "booking.updated" and "starts_at" not in changes
        ):
            return
        await self._queue_plan(work, event, {"plan": state["id"]}, state["user_id"], state["id"])

    async def _plan_anew(self, work: Writing, event: Envelope, state: dict[str, Any]) -> None:
        """The same for all of a person's bookings, where what they wish to be told has changed."""
        if "notification_preferences" in state["changes"]:
            await self._queue_plan(work, event, {"plan_all": state["id"]}, state["id"])

    async def _queue_plan(
        self,
        work: Writing,
        event: Envelope,
        payload: dict[str, Any],
        user_id: str,
        booking_id: str | None = None,
    ) -> None:
        await queue(
            work,
            Queued(
                notification_id=uuid5(event.id, "reminders"),
                template=REMINDER,
                channel="email",
                payload=self._keyring.seal(orjson.dumps(payload)),
                booking_id=None if booking_id is None else UUID(booking_id),
                user_id=UUID(user_id),
            ),
        )


def said_of(event_type: str, state: dict[str, Any]) -> tuple[str, dict[str, Any], str] | None:
    """Template, what it is told, and the booking; None where nobody needs to hear of it."""
    changes: dict[str, Any] = state.pop("changes", {})
    if event_type == "waitlist.offered":
        offer = state["offer"]
        if offer is None:
            return None
        booking = {**offer, "id": offer["booking_id"], "status": "held"}
        payload = {"booking": booking, "expires_at": offer["hold_expires_at"]}
        return event_type, payload, offer["booking_id"]
    if event_type == "booking.created" and state["status"] == "held":
        # Whoever holds a place stands before it: what becomes of the hold is said.
        return None
    was = changes.get("status", {}).get("before")
    if event_type == "booking.status_changed" and was == "held" and state["status"] in _BOOKED:
        # For whoever held the place this is the booking.
        return "booking.created", {"booking": state, "was": was}, state["id"]
    if event_type != "booking.updated":
        return event_type, {"booking": state, "was": was}, state["id"]
    if not any(name in changes for name in _PLACE):
        return None
    before = {
        name: changes[name]["before"] if name in changes else state[name]
        for name in ("starts_at", "ends_at")
    }
    payload = {"booking": state, "was": was, "before": before}
    return "booking.moved", payload, state["id"]
