"""What the subscriber process does about notifications: hears, answers, sends."""

import logging
from email.message import EmailMessage

from handlers.delivery.intake import Route
from handlers.delivery.logs import note
from handlers.delivery.process import Process
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.subscribers.notifications.composing import Composer
from handlers.subscribers.notifications.delivering import Delivery, Refused, Transport
from handlers.subscribers.notifications.facts import Facts
from handlers.subscribers.notifications.hearing import HEARD, Hearing
from handlers.subscribers.notifications.log import log_routes
from handlers.subscribers.notifications.mailbox import Mailbox
from handlers.subscribers.notifications.postman import Postman
from handlers.subscribers.notifications.queueing import queueing_routes
from handlers.subscribers.notifications.reminding import Reminding
from handlers.subscribers.notifications.smtp import Smtp, SmtpServer


class NoServer:
    """Where mails go in production without SMTP_URL."""

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        """It is known not to be sent, and the log says neither to whom nor what."""
        del message, recipient
        note(logging.WARNING, "a mail cannot be sent: there is no mail server to send it by")
        return Refused("no_mail_server")


def notify(process: Process, rules: TenantRules) -> None:
    """The process sends mails: what it is told to, and what follows from events."""
    settings, keyring = process.settings, process.keyring
    prints = settings.environment == "development" and not settings.smtp_url.get_secret_value()
    routes: tuple[Route, ...] = (
        *queueing_routes(keyring, prints=prints),
        *log_routes(process.asker, settings.secret_key.get_secret_value()),
    )
    process.serve("notification", "subscriber", routes)
    process.consume("notification", ("reservation",), "subscriber", Hearing(keyring).hear, HEARD)
    facts = Facts(process.known, process.asker, rules)
    engine = process.timer_engine("subscriber")
    postman = Postman(
        engine,
        Composer(facts, settings.mail_from),
        Reminding(engine, facts, keyring),
        transport_of(process, settings),
        keyring,
        process.failpoints,
    )
    process.every(postman.run)


def transport_of(process: Process, settings: ProcessSettings) -> Transport:
    """The server of SMTP_URL; without one the mailbox, in development alone."""
    url = settings.smtp_url.get_secret_value()
    if url:
        return Smtp(SmtpServer.read(url))
    if settings.environment == "development":
        return Mailbox(process.client, process.clock, process.keyring)
    return NoServer()
