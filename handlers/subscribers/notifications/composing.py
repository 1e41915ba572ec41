"""From what was queued to what is sent: whom it goes to, what it says, what is attached."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from contracts.wire.saying import Said
from handlers.subscribers.notifications.calendar import Invitation, Party, invitation
from handlers.subscribers.notifications.choosing import Texts
from handlers.subscribers.notifications.delivering import Mail, ShortMessage
from handlers.subscribers.notifications.facts import Facts, Letterhead, Person
from handlers.subscribers.notifications.formats import Formats, language_of
from handlers.subscribers.notifications.mails import address_of, invite, mail_of, own_address
from handlers.subscribers.notifications.reminding import is_due
from handlers.subscribers.notifications.rendering import rendered, rendered_short
from handlers.subscribers.notifications.values import of_booking, of_writer, one_line
from handlers.subscribers.notifications.wording import Template
from storage.subscriber.notifications import Claimed

# As ITU-T E.164 has it, once what people put between the digits is gone.
_BETWEEN = re.compile(r"[\s().\-/]")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unsaid:
    """There is nothing to be said, or nobody to say it to."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nobody wished to be told by this way: no trace is left of what nobody expects."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Who says something to whom, and in which language."""

    head: Letterhead
    person: Person
    language: str


Composed = Mail | ShortMessage | Unsaid | Unasked


class Composer:
    """`sender` is the address that mails come from, in every tenant's name."""

    def __init__(self, facts: Facts, sender: str, texts: Texts) -> None:
        self._facts = facts
        self._sender = sender
        self._texts = texts

    async def compose(self, one: Claimed, payload: dict[str, Any]) -> Composed:
        """What is sent; a mail has the same Message-ID each time."""
        head = await self._facts.letterhead(one.tenant_id)
        if head is None:
            return Unsaid("no_tenant")
        person = await self._person(one, payload, head)
        if person is None:
            return Unsaid("no_recipient")
        if one.template in get_args(Said) and not person.wants(one.channel, one.template):
            return Unsaid("not_wanted") if one.channel == "email" else Unasked()
        booking = payload.get("booking")
        if "remind" in payload:
            booking = await self._facts.booking(one.tenant_id, UUID(payload["remind"]))
            if not is_due(booking, payload, one.user_id):
                return Unsaid("superseded")
        setting = Setting(head, person, language_of(person.locale, head.locale))
        values = await self._values(one, payload, booking, setting)
        text = await self._texts.of(one.tenant_id, one.template, one.channel, setting.language)
        if text is None:
            return Unsaid("no_text")
        if one.channel == "sms":
            return _short_message(one, text, person, values)
        return self._mail(one, payload, setting, text, values)

    async def _person(
        self, one: Claimed, payload: dict[str, Any], head: Letterhead
    ) -> Person | None:
        if one.user_id is not None:
            return await self._facts.person(one.tenant_id, one.user_id)
        if not payload["to"]:
            address = own_address(head)
            if address is None:
                return await self._facts.owner(one.tenant_id)
            return Person(head.name, address, head.locale)
        # Of whoever registers nothing but the address is known, and nothing else is said to it.
        return Person(payload["name"] or payload["to"], payload["to"], payload.get("locale"))

    async def _values(
        self,
        one: Claimed,
        payload: dict[str, Any],
        booking: dict[str, Any] | None,
        setting: Setting,
    ) -> dict[str, Any]:
        head, person, language = setting.head, setting.person, setting.language
        wished = person.locale or head.locale
        values = of_writer(head, person, language)
        if booking is not None:
            name = await self._facts.resource_name(one.tenant_id, UUID(booking["resource_id"]))
            formats = Formats(language, wished, booking.get("timezone") or head.zone)
            values |= of_booking(booking, payload.get("before"), name, formats, language)
        if payload.get("expires_at") is not None:
            expires_at = datetime.fromisoformat(payload["expires_at"])
            values["expires"] = Formats(language, wished, head.zone).moment(expires_at)
        return {**values, "code": payload.get("code"), "about": payload.get("about") or ""}

    def _mail(
        self,
        one: Claimed,
        payload: dict[str, Any],
        setting: Setting,
        text: Template,
        values: dict[str, Any],
    ) -> Mail | Unsaid:
        head, person = setting.head, setting.person
        letter = rendered(text, setting.language, values)
        try:
            identity = (one.notification_id, one.created_at)
            message = mail_of(letter, head, person, self._sender, *identity)
        except ValueError:
            # What is no address here was none when it was given either.
            return Unsaid("no_address")
        if "booking" in payload and one.template.startswith("booking."):
            invite(message, self._invitation(payload, values, head, person))
        # Last: what is added to a message takes the headers of its content along.
        message["Content-Language"] = setting.language
        return Mail(message, address_of(person.name, person.email).addr_spec)

    def _invitation(
        self, payload: dict[str, Any], values: dict[str, Any], head: Letterhead, person: Person
    ) -> Invitation | None:
        return invitation(
            payload["booking"],
            payload.get("was"),
            f"{values['label']['booking']}: {values['booking']['resource']}",
            head.address,
            Party(one_line(head.name), own_address(head) or self._sender),
            Party(one_line(person.name), person.email),
        )


def _short_message(
    one: Claimed, text: Template, person: Person, values: dict[str, Any]
) -> ShortMessage | Unsaid:
    number = _BETWEEN.sub("", person.phone or "")
    if not _NUMBER.fullmatch(number):
        return Unsaid("no_phone")
    return ShortMessage(number, rendered_short(text, values), one.notification_id)
