"""What runs once, before the rest: streams, groups, and the first platform administrator."""

import logging

from contracts.user.commands import UserEnsurePlatformAdmin
from contracts.wire.streams import (
    CONTEXTS,
    PUBLISHING,
    SUBSCRIBERS,
    commands_of,
    events_of,
    ingress_of,
    queries_of,
)
from handlers.app.handling import OWNERS
from handlers.delivery.ensuring import ensure
from handlers.delivery.groups import drop_group, ensure_group
from handlers.delivery.ingress import GROUP, publishers_of
from handlers.delivery.redis_clients import writing_client
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.work import Unavailable
from handlers.subscribers.billing.hearing import SOURCES as BILLED
from handlers.subscribers.kafka import mirroring
from handlers.subscribers.notifications.hearing import SOURCES as TOLD_OF
from handlers.subscribers.reports import hearing as report_hearing
from handlers.subscribers.reports.set_up import GROUP as REPORT_GROUP
from journal.notes import note

SERVED = (*CONTEXTS, *SUBSCRIBERS)
# Who hears the events of every context.
HEARING_ALL = ("audit", "webhook")


def groups_of(settings: ProcessSettings) -> list[tuple[str, str]]:
    """Every stream with a group that reads it, but those of the mirror."""
    groups = [
        (stream, context)
        for context in SERVED
        for stream in (commands_of(context), queries_of(context))
    ]
    groups += [(events_of(context), group) for context in PUBLISHING for group in HEARING_ALL]
    groups += [(events_of(context), "reservation-known") for context in OWNERS]
    groups += [(events_of("tenant"), "user-directory")]
    groups += [(events_of(context), "notification") for context in TOLD_OF]
    groups += [(events_of(context), "waitlist") for context in ("reservation", "resource")]
    groups += [(events_of(context), "billing") for context in BILLED]
    groups += [(events_of(context), REPORT_GROUP) for context in report_hearing.CONTEXTS]
    publishers = publishers_of(settings.ingress_publishers, settings.environment)
    return groups + [(ingress_of(publisher.name), GROUP) for publisher in publishers]


def mirrors_groups() -> list[tuple[str, str]]:
    """What a mirror to Kafka reads."""
    return [(events_of(context), mirroring.GROUP) for context in PUBLISHING]


async def prepare(settings: ProcessSettings) -> int:
    """Makes every stream and group, before anything reads or publishes."""
    client = writing_client(settings.redis_url)
    for stream, group in groups_of(settings):
        await ensure_group(client, stream, group)
    # Of an installation that has no Kafka any more nothing may hold up the trimming.
    keep = ensure_group if settings.kafka_bootstrap_servers else drop_group
    for stream, group in mirrors_groups():
        await keep(client, stream, group)
    await client.aclose()
    return 0


async def admin(settings: ProcessSettings) -> int:
    """Makes the first platform administrator, when there is none of that address."""
    command = UserEnsurePlatformAdmin(
        email=settings.platform_admin_email,
        password=settings.platform_admin_password.get_secret_value(),
    )
    try:
        reply = await ensure(settings.redis_url, command, settings.keyring)
    except Unavailable as failure:
        note(logging.ERROR, "no platform administrator", reason=str(failure))
        return 1
    if reply.status >= 400:
        problem = reply.problem or {}
        note(logging.ERROR, "no platform administrator", code=problem.get("code"))
        return 1
    return 0
