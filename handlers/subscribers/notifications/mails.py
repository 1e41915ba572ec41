"""A letter as a mail: its headers, its two texts, and the calendar file."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from domain.contact.email import is_email
from handlers.subscribers.notifications.calendar import Invitation
from handlers.subscribers.notifications.facts import Letterhead, Person
from handlers.subscribers.notifications.rendering import Letter
from handlers.subscribers.notifications.values import one_line


def mail_of(
    letter: Letter,
    head: Letterhead,
    person: Person,
    sender: str,
    notification_id: UUID,
    created_at: datetime,
) -> EmailMessage:
    """Its Message-ID and date follow from what was queued, so that they are the same again. Raises
    ValueError where the person's address is none."""
    message = EmailMessage(policy=SMTP)
    local, _, domain = sender.rpartition("@")
    message["Message-ID"] = f"<{notification_id}@{domain}>"
    message["Date"] = format_datetime(created_at)
    message["From"] = Address(one_line(head.name), local, domain)
    message["To"] = address_of(person.name, person.email)
    if (reached_at := own_address(head)) is not None:
        message["Reply-To"] = address_of(head.name, reached_at)
    message["Subject"] = letter.subject
    # RFC 3834: nobody's absence note is to answer this.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def invite(message: EmailMessage, found: Invitation | None) -> None:
    """Twice: as a text that calendar programs take up by themselves, and as a file to open."""
    if found is None:
        return
    text = found.content.decode()
    params = {"method": found.method}
    message.add_alternative(text, subtype="calendar", params=params)
    message.add_attachment(text, subtype="calendar", params=params, filename="invite.ics")


def own_address(head: Letterhead) -> str | None:
    """Where the tenant can be written to. What was kept before it was looked at may be no address,
    and is not what a mail to somebody else fails by."""
    if not head.contact_email or not is_email(head.contact_email):
        return None
    try:
        return address_of(head.name, head.contact_email).addr_spec
    except ValueError:
        return None


def address_of(name: str, email: str) -> Address:
    """Raises ValueError where it is none. A domain of other letters goes by its ASCII name."""
    local, at, domain = email.rpartition("@")
    if not at or not local:
        raise ValueError("no address")
    return Address(one_line(name), local, domain.encode("idna").decode())
