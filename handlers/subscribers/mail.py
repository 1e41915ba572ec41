"""Mail. Without a server to send it by it is printed, in development; elsewhere it is said that it
could not be sent, and not to whom nor what."""

import logging

from contracts.subscriber.mail import MailSend
from contracts.wire.strict import rfc3339
from handlers.delivery.logs import note
from handlers.delivery.work import Asked, CommandRoute, Done, Outcome
from storage.delivery.transaction import Writing


class Mailbox:
    """Handles `mail.send`."""

    def __init__(self, environment: str) -> None:
        self._prints = environment == "development"

    async def send(self, _: Writing, asked: Asked[MailSend]) -> Outcome:
        """Afterwards it is printed, or known not to be sent."""
        mail = asked.message
        if self._prints:
            note(
                logging.INFO,
                "mail",
                to=mail.to,
                template=mail.template,
                code=mail.code,
                expires_at=None if mail.expires_at is None else rfc3339(mail.expires_at),
            )
        else:
            note(logging.WARNING, "a mail cannot be sent: there is no mail server to send it by")
        return Done(204)


def mail_routes(environment: str) -> tuple[CommandRoute, ...]:
    """Every message of the notification context."""
    return (CommandRoute(MailSend, Mailbox(environment).send),)
