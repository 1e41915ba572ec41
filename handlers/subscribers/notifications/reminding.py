"""Reminders: when they are due follows from the booking as its owner has it.

Whatever changes a booking leaves a plan. Carrying it out asks the owner how the booking stands, and
so does every reminder before it is sent: in whatever order events are heard, nobody is reminded of
what was moved or is cancelled. When somebody wishes to be reminded may have changed, too: what is
not wished any more makes place for what is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.sealing import Keyring
from handlers.subscribers.notifications.facts import Facts
from storage.subscriber.notifications import Claimed, end
from storage.subscriber.reminders import Plan, Planned, call_off, carry_out, spread, was_sent

REMINDER = "booking.reminder"
_TO_COME = frozenset({"pending", "confirmed"})


class Reminding:
    """Carries out plans."""

    def __init__(
        self, engine: AsyncEngine, facts: Facts, keyring: Keyring, channels: Sequence[str]
    ) -> None:
        self._channels = channels
        self._engine = engine
        self._facts = facts
        self._keyring = keyring

    async def takes(self, one: Claimed, payload: dict[str, Any]) -> bool:
        """Whether it is a plan, which is carried out afterwards, or a reminder that is overtaken:
        nothing is to be said."""
        if "plan" in payload:
            await self._carry_out(one, UUID(payload["plan"]))
        elif "plan_all" in payload:
            await self._plan_all(one, UUID(payload["plan_all"]))
        else:
            return "remind" in payload and await self._is_overtaken(one, payload)
        return True

    async def _plan_all(self, whole: Claimed, user_id: UUID) -> None:
        """A plan is queued for each booking of the person that is to come; of more than there is
        room for the last have theirs when they are changed or due."""
        found = await self._facts.bookings_to_come(whole.tenant_id, user_id, whole.claimed_at)
        rows = [
            Plan(
                uuid5(whole.notification_id, booking_id),
                UUID(booking_id),
                self._keyring.seal(orjson.dumps({"plan": booking_id})),
            )
            for booking_id in found
        ]
        await spread(self._engine, whole, rows)

    async def _carry_out(self, plan: Claimed, booking_id: UUID) -> None:
        """Reminders are queued for the start that the booking has now, those of another start die
        when they are due; of one that is not to come any more all are called off."""
        booking = await self._facts.booking(plan.tenant_id, booking_id)
        if not is_to_come(booking):
            await call_off(self._engine, plan, REMINDER)
        minutes = await self._facts.reminder_minutes(plan.tenant_id, plan.user_id)
        await carry_out(self._engine, plan, REMINDER, self._planned(plan, booking, minutes))

    async def _is_overtaken(self, one: Claimed, payload: dict[str, Any]) -> bool:
        """Whether its person wishes to be reminded at other times by now. Afterwards it is over and
        what they wish is planned; one for which it is too late leaves them the reminder that was
        planned, if they have had none."""
        booking = await self._facts.booking(one.tenant_id, UUID(payload["remind"]))
        if "minutes" not in payload or not is_due(booking, payload, one.user_id):
            return False
        minutes = await self._facts.reminder_minutes(one.tenant_id, one.user_id)
        if payload["minutes"] in minutes:
            return False
        rows = self._planned(one, booking, minutes)
        if rows:
            await carry_out(self._engine, one, REMINDER, rows)
            return True
        if not minutes or await was_sent(self._engine, one, REMINDER):
            await end(self._engine, one, "skipped", "superseded")
            return True
        return False

    def _planned(
        self, plan: Claimed, booking: dict[str, Any] | None, minutes: tuple[int, ...]
    ) -> list[Planned]:
        if booking is None or not is_to_come(booking):
            return []
        start, booking_id = booking["starts_at"], UUID(booking["id"])
        # Of no use once it has begun.
        payload = {"remind": booking["id"], "starts_at": start, "expires_at": start}
        due = {one: datetime.fromisoformat(start) - timedelta(minutes=one) for one in set(minutes)}
        return [
            Planned(
                uuid5(booking_id, f"reminder/{channel}/{before}/{start}"),
                channel,
                self._keyring.seal(orjson.dumps({**payload, "minutes": before})),
                at,
            )
            for before, at in sorted(due.items())
            for channel in self._channels
            if at > plan.claimed_at
        ]


def is_to_come(booking: dict[str, Any] | None) -> bool:
    """Whether somebody is expected."""
    return booking is not None and booking["status"] in _TO_COME


def is_due(booking: dict[str, Any] | None, payload: dict[str, Any], user_id: UUID | None) -> bool:
    """Whether the booking still is the one that the reminder was planned for."""
    return (
        booking is not None
        and is_to_come(booking)
        and booking["starts_at"] == payload["starts_at"]
        and booking["user_id"] == str(user_id)
    )
