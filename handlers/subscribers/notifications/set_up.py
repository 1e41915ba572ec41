"""What the subscriber process does about notifications: hears, answers, sends."""

import logging
from dataclasses import replace
from email.message import EmailMessage

from handlers.delivery.checking import Route
from handlers.delivery.operations import own_queries
from handlers.delivery.process import Process
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.subscribers.notifications.choosing import Texts
from handlers.subscribers.notifications.composing import Composer
from handlers.subscribers.notifications.counting import SendingCounts
from handlers.subscribers.notifications.delivering import (
    Delivery,
    Refused,
    ShortTransport,
    Ways,
)
from handlers.subscribers.notifications.facts import Facts
from handlers.subscribers.notifications.hearing import HEARD, SOURCES, Hearing
from handlers.subscribers.notifications.log import log_routes
from handlers.subscribers.notifications.mailbox import Mailbox
from handlers.subscribers.notifications.postman import Postman
from handlers.subscribers.notifications.previewing import template_routes
from handlers.subscribers.notifications.queueing import queueing_routes
from handlers.subscribers.notifications.reminding import Reminding
from handlers.subscribers.notifications.sms import HttpSms, SmsProvider
from handlers.subscribers.notifications.smtp import Smtp, SmtpServer
from journal.notes import note


class NoServer:
    """Where mails go in production without SMTP_URL."""

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        """It is known not to be sent, and the log says neither to whom nor what."""
        del message, recipient
        note(logging.WARNING, "a mail cannot be sent: there is no mail server to send it by")
        return Refused("no_mail_server")


def notify(process: Process, rules: TenantRules) -> None:
    """The process tells people: what it is told to, and what follows from events."""
    settings, keyring = process.settings, process.keyring
    prints = settings.environment == "development" and not settings.smtp_url.get_secret_value()
    facts = Facts(process.known, process.asker, rules)
    routes: tuple[Route, ...] = (
        *queueing_routes(keyring, prints=prints),
        *log_routes(process.asker, settings.secret_key.get_secret_value()),
        *template_routes(facts),
        *own_queries(
            "notification",
            process.engine("subscriber"),
            process.client,
            keyring,
            database="subscriber",
        ),
    )
    process.serve("notification", "subscriber", routes)
    ways = ways_of(process, settings)
    counts = SendingCounts(process.metrics.registry, ways.channels)
    ways = replace(ways, count=counts.count)
    hear = Hearing(keyring, ways.channels).hear
    process.consume("notification", SOURCES, "subscriber", hear, HEARD)
    engine = process.timer_engine("subscriber")
    for channel in ways.channels:
        postman = Postman(
            engine,
            Composer(facts, settings.mail_from, Texts(engine)),
            Reminding(engine, facts, keyring, ways.channels),
            ways,
            keyring,
            process.failpoints,
            channel,
        )
        process.every(postman.run)


def ways_of(process: Process, settings: ProcessSettings) -> Ways:
    """The servers of SMTP_URL and SMS_URL; without one the mailbox, in development alone. In
    production nothing is said by SMS where there is no provider."""
    mailbox = None
    if settings.environment == "development":
        mailbox = Mailbox(process.client, process.clock, process.keyring)
    url = settings.smtp_url.get_secret_value()
    mail = Smtp(SmtpServer.read(url)) if url else mailbox or NoServer()
    sms: ShortTransport | None = mailbox
    if settings.sms_url:
        token = settings.sms_token.get_secret_value()
        sms = HttpSms(SmsProvider.read(settings.sms_url, token, settings.sms_from))
    return Ways(mail, sms)
