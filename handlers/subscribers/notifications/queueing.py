"""`mail.send`: what another context has to say to somebody is queued, sealed."""

import logging

import orjson

from contracts.subscriber.mail import MailSend
from contracts.wire.sealing import Keyring
from contracts.wire.strict import rfc3339
from handlers.delivery.work import Asked, CommandRoute, Done, Outcome
from journal.notes import note
from storage.delivery.transaction import Writing
from storage.subscriber.notifications import Queued, queue


class Queueing:
    """Handles `mail.send`. `prints`: where mails go nowhere else they stand in the log, too."""

    def __init__(self, keyring: Keyring, *, prints: bool) -> None:
        self._keyring = keyring
        self._prints = prints

    async def send(self, work: Writing, asked: Asked[MailSend]) -> Outcome:
        """Afterwards the postman is going to send it."""
        mail = asked.message
        payload = {
            "to": mail.to,
            "name": mail.name,
            "locale": mail.locale,
            "code": mail.code,
            "about": mail.about,
            "expires_at": None if mail.expires_at is None else rfc3339(mail.expires_at),
        }
        await queue(
            work,
            Queued(
                notification_id=asked.envelope.id,
                template=mail.template,
                channel="email",
                payload=self._keyring.seal(orjson.dumps(payload)),
            ),
        )
        if self._prints:
            note(
                logging.INFO,
                "mail",
                to=mail.to,
                template=mail.template,
                code=mail.code,
                expires_at=payload["expires_at"],
            )
        return Done(204)


def queueing_routes(keyring: Keyring, *, prints: bool) -> tuple[CommandRoute, ...]:
    """Every command of the notification context."""
    return (CommandRoute(MailSend, Queueing(keyring, prints=prints).send),)
