"""Bookings of one tenant whose every change is heard, and said."""

from email.message import EmailMessage
from typing import Any

import orjson

from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id
from handlers.subscribers.notifications.delivering import Delivery, Sent, ShortTransport, Ways
from handlers.subscribers.notifications.hearing import Hearing
from storage.delivery.transaction import writing
from tests.integration.subscribers.notifications.conftest import Office, wishes

BEGIN, END = "2026-12-01T15:00:00Z", "2026-12-01T16:00:00Z"
MOVED: dict[str, Any] = {"starts_at": "2026-12-02T15:00:00Z", "ends_at": "2026-12-02T16:00:00Z"}


class Tray:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        self.mails.append(message)
        return Sent()


class Diary:
    """Bookings of one tenant: each change is an event that is heard, and said; by SMS too, where
    there is a way."""

    def __init__(self, office: Office, sms: ShortTransport | None = None) -> None:
        self.office = office
        self.sms = sms
        self.tenant_id = new_id()
        self.tray = Tray()
        self.ana = office.owners.with_person()
        self.state: dict[str, Any] = {
            "id": str(new_id()),
            "tenant_id": str(self.tenant_id),
            "resource_id": str(new_id()),
            "user_id": self.ana,
            "starts_at": BEGIN,
            "ends_at": END,
            "timezone": "America/Sao_Paulo",
            "quantity": 1,
            "status": "confirmed",
            "updated_at": "2026-11-24T12:00:00.123456Z",
            "version": 0,
        }

    async def hear(self, event_type: str, again: int = 1, **changed: Any) -> EmailMessage | None:
        """The mail that follows from a change, if one does; it is heard `again` times."""
        changes = {
            name: {"before": self.state.get(name), "after": value}
            for name, value in changed.items()
        }
        self.state = {**self.state, **changed, "version": self.state["version"] + 1}
        self.office.owners.bookings[self.state["id"]] = dict(self.state)
        event = Envelope(
            id=new_id(),
            type=event_type,
            source="reservation",
            subject=f"booking/{self.state['id']}",
            tenant_id=self.tenant_id,
            actor=SYSTEM,
            data=orjson.dumps({**self.state, "changes": changes}),
        )
        for _ in range(again):
            await self._take(event)
        before = len(self.tray.mails)
        await self.rounds()
        assert len(self.tray.mails) <= before + 1
        return self.tray.mails[-1] if len(self.tray.mails) > before else None

    async def wishes(self, **wished: Any) -> None:
        """Ana wishes to be told this from now on, and that is heard."""
        self.office.owners.people[self.ana]["notification_preferences"] = wishes(**wished)
        redacted = {"before": None, "after": None, "redacted": True}
        event = Envelope(
            id=new_id(),
            type="user.updated",
            source="user",
            subject=f"user/{self.ana}",
            tenant_id=self.tenant_id,
            actor=SYSTEM,
            data=orjson.dumps(
                {"id": self.ana, "changes": {"notification_preferences": redacted}},
            ),
        )
        await self._take(event)

    async def rounds(self) -> None:
        """Every postman has come by once."""
        for channel in Ways(self.tray, self.sms).channels:
            await self.office.postman(self.tray, sms=self.sms, channel=channel).round()

    async def _take(self, event: Envelope) -> None:
        engine, keyring = self.office.desk.engine, self.office.desk.keyring
        how = {"fingerprint": "", "actor": "", "reply_to": "", "traceparent": ""}
        channels = Ways(self.tray, self.sms).channels
        async with writing(engine, self.tenant_id, event.id, **how) as (work, found):
            if found.state == "new":
                await Hearing(keyring, channels).hear(work, event)
