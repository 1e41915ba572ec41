"""What is to be said to a person by mail."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from contracts.wire.strict import Command, Instant

Template = Literal[
    "password_reset",
    "registration",
    "already_registered",
    "webhook_disabled",
    "email_change",
    "email_changed",
]


class MailSend(Command):
    """One mail to one person, or, where `to` is empty, to the tenant: at its contact address, else
    to an owner. `code` is what they are to give back, until `expires_at`, and `about` what it is
    about."""

    type: ClassVar[str] = "mail.send"
    context: ClassVar[str] = "notification"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("to", "name", "code", "about")

    to: Annotated[str, StringConstraints(max_length=400)] = ""
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    locale: Annotated[str, StringConstraints(max_length=10)] | None = None
    template: Template
    code: Annotated[str, StringConstraints(max_length=200)] | None = None
    about: Annotated[str, StringConstraints(max_length=300)] | None = None
    expires_at: Instant | None = None


COMMANDS: tuple[type[Command], ...] = (MailSend,)
