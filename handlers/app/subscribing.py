"""The subscriber process: what happens after a booking. And the mirror, which is one of its own."""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from contracts.wire.streams import PUBLISHING, SUBSCRIBERS
from domain.reservation.open_time import OpenTime
from domain.user.roles import BUILT_IN_ROLES
from handlers.app.tenants import settings_of_tenant
from handlers.delivery.operations import own_ping
from handlers.delivery.process import Process
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.subscribers.audit import audit_routes
from handlers.subscribers.auditing import Recorder, recording_routes
from handlers.subscribers.billing.set_up import bill
from handlers.subscribers.kafka.connecting import make_kafka_broker
from handlers.subscribers.kafka.publishing import Kafka
from handlers.subscribers.kafka.serving import serve_mirror
from handlers.subscribers.notifications.set_up import notify
from handlers.subscribers.reports.set_up import keep_reports
from handlers.subscribers.webhooks.serving import serve_webhooks
from journal.notes import note


def subscriber_process(settings: ProcessSettings, chosen: Iterable[str] = ()) -> Process:
    """Every one of HEARERS, or those that are chosen: each may have a process of its own."""
    process = Process(settings, "subscriber", settings_of_tenant, BUILT_IN_ROLES)
    for name in dict.fromkeys(chosen) or SUBSCRIBERS:
        HEARERS[name](process)
    return process


def keep_trail(process: Process) -> None:
    """The audit trail, from events and notices."""
    secret = process.settings.secret_key.get_secret_value()
    recording = recording_routes(process.keyring)
    about_itself = own_ping("audit", process.engine("subscriber"), database="subscriber")
    process.serve("audit", "subscriber", (*audit_routes(secret), *recording, about_itself))
    process.consume("audit", tuple(PUBLISHING), "subscriber", Recorder(process.keyring).record)


def tell_people(process: Process) -> None:
    """Mails and SMS."""
    notify(process, TenantRules(process.known, process.asker, settings_of_tenant))


def report(process: Process) -> None:
    """Figures; the domain says when a place is open."""
    keep_reports(process, OpenTime)


HEARERS: Mapping[str, Callable[[Process], None]] = MappingProxyType({
    "audit": keep_trail,
    "notification": tell_people,
    "webhook": serve_webhooks,
    "billing": bill,
    "report": report,
})  # fmt: skip


async def mirror(settings: ProcessSettings) -> int:
    """Every context's events once more, to a Kafka; a process of its own, since that may be away
    while all the rest is well."""
    if not settings.kafka_bootstrap_servers:
        note(logging.ERROR, "there is nothing to mirror to: KAFKA_BOOTSTRAP_SERVERS is not set")
        return 2
    kafka = Kafka(partial(make_kafka_broker, settings))
    try:
        return await mirror_process(settings, kafka).run()
    finally:
        await kafka.close()


def mirror_process(settings: ProcessSettings, kafka: Kafka) -> Process:
    """What reads for the mirror."""
    process = Process(settings, "mirror", None, {})
    serve_mirror(process, kafka)
    return process
