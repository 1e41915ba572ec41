"""From what was queued to a mail: whom it goes to, what it says, what is attached."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from handlers.subscribers.notifications.calendar import Invitation, Party, invitation
from handlers.subscribers.notifications.facts import Facts, Letterhead, Person
from handlers.subscribers.notifications.formats import Formats, language_of
from handlers.subscribers.notifications.reminding import is_due
from handlers.subscribers.notifications.rendering import WORDINGS, Letter, rendered
from storage.subscriber.notifications import Claimed


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail, and the address that it goes to."""

    message: EmailMessage
    recipient: str


@dataclass(frozen=True, slots=True)
class Unsaid:
    """There is nothing to be said, or nobody to say it to."""

    reason: str


class Composer:
    """`sender` is the address that mails come from, in every tenant's name."""

    def __init__(self, facts: Facts, sender: str) -> None:
        self._facts = facts
        self._sender = sender

    async def compose(self, one: Claimed, payload: dict[str, Any]) -> Composed | Unsaid:
        """The mail; its Message-ID follows from what was queued, so that it is the same again."""
        head = await self._facts.letterhead(one.tenant_id)
        if head is None:
            return Unsaid("no_tenant")
        person = await self._person(one, payload)
        if person is None:
            return Unsaid("no_recipient")
        language = language_of(person.locale, head.locale)
        values = _common(head, person, language)
        booking = payload.get("booking")
        if "remind" in payload:
            booking = await self._facts.booking(one.tenant_id, UUID(payload["remind"]))
            if not is_due(booking, payload, one.user_id):
                return Unsaid("superseded")
        if booking is not None:
            values |= await self._about(one.tenant_id, booking, payload, person, head, language)
        formats = Formats(language, person.locale or head.locale, head.zone)
        if payload.get("expires_at") is not None:
            values["expires"] = formats.moment(datetime.fromisoformat(payload["expires_at"]))
        values["code"] = payload.get("code")
        letter = rendered(WORDINGS[language].templates[one.template], language, values)
        try:
            message = self._written(one, letter, head, person)
        except ValueError:
            # What is no address here was none when it was given either.
            return Unsaid("no_address")
        if "booking" in payload and one.template.startswith("booking."):
            _invite(message, self._invitation(payload, values, head, person))
        # Last: what is added to a message takes the headers of its content along.
        message["Content-Language"] = language
        return Composed(message, _address(person).addr_spec)

    async def _person(self, one: Claimed, payload: dict[str, Any]) -> Person | None:
        if one.user_id is not None:
            return await self._facts.person(one.tenant_id, one.user_id)
        return Person(payload["name"], payload["to"], payload.get("locale"))

    async def _about(  # what a template may say of a booking
        self,
        tenant_id: UUID,
        booking: dict[str, Any],
        payload: dict[str, Any],
        person: Person,
        head: Letterhead,
        language: str,
    ) -> dict[str, Any]:
        zone = booking.get("timezone") or head.zone
        formats = Formats(language, person.locale or head.locale, zone)
        begin, end = _span(booking)
        name = await self._facts.resource_name(tenant_id, UUID(booking["resource_id"]))
        before = payload.get("before")
        status = booking["status"]
        return {
            "booking": {
                "id": booking["id"],
                "resource": name or "–",
                "date": formats.date(begin),
                "starts": formats.time(begin),
                "ends": formats.time(end),
                "when": formats.span(begin, end),
                "quantity": booking.get("quantity", 1),
                "status": WORDINGS[language].statuses[status],
            },
            "before": {"when": formats.span(*_span(before)) if before else None},
        }

    def _written(
        self, one: Claimed, letter: Letter, head: Letterhead, person: Person
    ) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        local, _, domain = self._sender.rpartition("@")
        message["Message-ID"] = f"<{one.notification_id}@{domain}>"
        message["Date"] = format_datetime(one.created_at)
        message["From"] = Address(_line(head.name), local, domain)
        message["To"] = _address(person)
        if head.contact_email:
            message["Reply-To"] = _address(Person(head.name, head.contact_email, None))
        message["Subject"] = letter.subject
        # RFC 3834: nobody's absence note is to answer this.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message

    def _invitation(
        self, payload: dict[str, Any], values: dict[str, Any], head: Letterhead, person: Person
    ) -> Invitation | None:
        return invitation(
            payload["booking"],
            payload.get("was"),
            f"{values['label']['booking']}: {values['booking']['resource']}",
            head.address,
            Party(_line(head.name), head.contact_email or self._sender),
            Party(_line(person.name), person.email),
        )


def _invite(message: EmailMessage, found: Invitation | None) -> None:
    """Twice: as a text that calendar programs take up by themselves, and as a file to open."""
    if found is None:
        return
    text = found.content.decode()
    params = {"method": found.method}
    message.add_alternative(text, subtype="calendar", params=params)
    message.add_attachment(text, subtype="calendar", params=params, filename="invite.ics")


def _common(head: Letterhead, person: Person, language: str) -> dict[str, Any]:
    labels = {**WORDINGS[language].labels, **head.labels}
    return {
        "recipient": {"name": _line(person.name)},
        "label": labels,
        "tenant": {
            "name": head.name,
            "color": head.color,
            "logo_url": head.logo_url,
            "contact_email": head.contact_email,
            "address": head.address,
            "signature": head.signature,
        },
    }


def _address(person: Person) -> Address:
    """Raises ValueError where it is none. A domain of other letters goes by its ASCII name."""
    local, at, domain = person.email.rpartition("@")
    if not at or not local:
        raise ValueError("no address")
    return Address(_line(person.name), local, domain.encode("idna").decode())


def _line(text: str) -> str:
    return " ".join(text.split())


def _span(booking: dict[str, Any]) -> tuple[datetime, datetime]:
    begin, end = booking["starts_at"], booking["ends_at"]
    return datetime.fromisoformat(begin), datetime.fromisoformat(end)
