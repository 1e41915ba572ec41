"""Which process carries what. Read it aloud."""

import logging
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.catalogue import COMMANDS, QUERIES
from contracts.user.commands import UserEnsurePlatformAdmin
from contracts.wire.streams import (
    CONTEXTS,
    PUBLISHING,
    commands_of,
    events_of,
    ingress_of,
    queries_of,
)
from contracts.wire.strict import Query
from domain.reservation.open_time import OpenTime
from domain.user.roles import BUILT_IN_ROLES
from handlers.delivery.ensuring import ensure
from handlers.delivery.groups import drop_group, ensure_group
from handlers.delivery.ingress import GROUP, IngressWorker, publishers_of
from handlers.delivery.janitor import SEALED_KEPT_HOURS, Forget, Janitor
from handlers.delivery.logs import note
from handlers.delivery.operations import own_queries
from handlers.delivery.process import Process
from handlers.delivery.redis_clients import writing_client
from handlers.delivery.relaying import RelayProcess
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.delivery.work import Unavailable
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.refreshing import KNOWN_EVENTS, Refresher
from handlers.reservation.routes import reservation_routes
from handlers.reservation.sweeping import Sweeper
from handlers.reservation.waitlist_hearing import HEARD, Hearing
from handlers.resource.routes import resource_routes
from handlers.subscribers.audit import audit_routes
from handlers.subscribers.auditing import Recorder, recording_routes
from handlers.subscribers.billing.hearing import SOURCES as BILLED
from handlers.subscribers.billing.set_up import bill
from handlers.subscribers.kafka import mirroring
from handlers.subscribers.kafka.connecting import make_kafka_broker
from handlers.subscribers.kafka.publishing import Kafka
from handlers.subscribers.kafka.serving import serve_mirror
from handlers.subscribers.notifications.set_up import notify
from handlers.subscribers.reports import hearing as report_hearing
from handlers.subscribers.reports.set_up import GROUP as REPORT_GROUP
from handlers.subscribers.reports.set_up import keep_reports
from handlers.subscribers.webhooks.serving import serve_webhooks
from handlers.tenant.routes import tenant_routes
from handlers.user import directory
from handlers.user.forgetting import erase_deleted
from handlers.user.routes import user_routes
from handlers.user.tools import UserTools
from storage.reservation import purging as reservation_purging
from storage.resource import purging as resource_purging
from storage.subscriber import audit, notifications
from storage.subscriber import purging as subscriber_purging
from storage.tenant import purging as tenant_purging
from storage.user import purging as user_purging
from storage.user.accounts import has_administrator

OWNERS = ("tenant", "resource", "user")
SERVED = (*CONTEXTS, "audit", "notification", "webhook", "billing", "report")
# A tenant's own row goes first: it cannot be restored while the rest is deleted. The audit trail
# stays, which nobody can change: it knows people by their ids alone.
FORGETTING_TENANTS = {
    "tenant": tenant_purging.forget_tenant,
    "resource": resource_purging.forget_tenant,
    "user": user_purging.forget_tenant,
    "reservation": reservation_purging.forget_tenant,
    "subscriber": subscriber_purging.forget_tenant,
}


def handler_process(settings: ProcessSettings) -> Process:
    """The four contexts, what they learn from each other's events, and the ingress."""
    process = Process(settings, "handler", settings_of_tenant, BUILT_IN_ROLES)
    secret = settings.secret_key.get_secret_value()
    knowledge = Knowledge(process.known, process.asker)
    routes = {
        "tenant": tenant_routes(process.engine("tenant"), secret),
        "resource": resource_routes(secret),
        "user": user_routes(
            UserTools.of(settings, process.engine("user"), process.rules, process.trail),
            process.asker,
        ),
        "reservation": reservation_routes(knowledge, process.engine("reservation"), secret),
    }
    for context in CONTEXTS:
        about_itself = own_queries(
            context,
            process.engine(context),
            process.client,
            process.keyring,
            has_administrator if context == "user" else None,
        )
        process.serve(context, context, (*routes[context], *about_itself))
    keep = directory.keep_directory
    process.consume("user-directory", ("tenant",), "user", keep, directory.DIRECTORY_EVENTS)
    refresh = Refresher(process.known).refresh
    process.consume("reservation-known", OWNERS, "reservation", refresh, KNOWN_EVENTS)
    hear = Hearing(process.client).hear
    process.consume("waitlist", ("reservation", "resource"), "reservation", hear, HEARD)
    for publisher in publishers_of(settings.ingress_publishers, settings.environment):
        worker = IngressWorker(
            publisher,
            {**COMMANDS, **QUERIES},
            process.writer,
            process.clock,
            process.keyring,
            secret,
            process.trail,
        )
        process.read(ingress_of(publisher.name), GROUP, worker.take, always_ready)
    return process


def subscriber_process(settings: ProcessSettings) -> Process:
    """What happens after a booking: the audit trail, what people are told, costs and figures."""
    process = Process(settings, "subscriber", settings_of_tenant, BUILT_IN_ROLES)
    secret = settings.secret_key.get_secret_value()
    recording = recording_routes(process.keyring)
    process.serve("audit", "subscriber", (*audit_routes(secret), *recording))
    notify(process, TenantRules(process.known, process.asker, settings_of_tenant))
    process.consume("audit", tuple(PUBLISHING), "subscriber", Recorder(process.keyring).record)
    serve_webhooks(process)
    bill(process)
    keep_reports(process, OpenTime)
    return process


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


def relay_process(settings: ProcessSettings) -> RelayProcess:
    """The outbox of every context, and the timers: the sweeper of holds, and the janitor."""
    process = RelayProcess(settings, PUBLISHING)
    engines = {name: process.timer_engine(name) for name in (*CONTEXTS, "subscriber")}
    working = [of(name) for name in SERVED for of in (commands_of, queries_of)]
    publishers = publishers_of(settings.ingress_publishers, settings.environment)
    working += [ingress_of(publisher.name) for publisher in publishers]
    process.every(Sweeper(process.client, engines["reservation"]).run)
    forgetting = forgetting_of(settings, process.client, engines)
    days = settings.event_retention_days
    process.every(Janitor(process.client, working, engines, days, forgetting).run)
    return process


def forgetting_of(
    settings: ProcessSettings, client: Redis, engines: Mapping[str, AsyncEngine]
) -> tuple[Forget, ...]:
    """What the contexts forget: what has run out, and what was deleted long ago."""
    days = settings.deleted_retention_days

    async def forget_tenants() -> None:
        for tenant_id in await tenant_purging.tenants_to_forget(engines["tenant"], days):
            for name, of_context in FORGETTING_TENANTS.items():
                await of_context(engines[name], tenant_id)

    return (
        partial(user_purging.forget_run_out, engines["user"], settings.event_retention_days),
        partial(user_purging.forget_deleted, engines["user"], days),
        partial(erase_deleted, client, engines["user"], days),
        partial(notifications.wipe_said, engines["subscriber"], SEALED_KEPT_HOURS),
        partial(resource_purging.forget_deleted, engines["resource"], days),
        partial(
            subscriber_purging.forget_old, engines["subscriber"], settings.event_retention_days
        ),
        partial(subscriber_purging.forget_deleted, engines["subscriber"], days),
        partial(
            audit.forget_addresses, engines["subscriber"], settings.audit_address_retention_days
        ),
        forget_tenants,
    )


async def prepare(settings: ProcessSettings) -> int:
    """Makes every stream and group, before anything reads or publishes."""
    client = writing_client(settings.redis_url)
    for context in SERVED:
        for stream in (commands_of(context), queries_of(context)):
            await ensure_group(client, stream, context)
    for context in PUBLISHING:
        for group in ("audit", "webhook"):
            await ensure_group(client, events_of(context), group)
        # Of an installation that has no Kafka any more nothing may hold up the trimming.
        keep = ensure_group if settings.kafka_bootstrap_servers else drop_group
        await keep(client, events_of(context), mirroring.GROUP)
    for context in OWNERS:
        await ensure_group(client, events_of(context), "reservation-known")
    await ensure_group(client, events_of("tenant"), "user-directory")
    await ensure_group(client, events_of("reservation"), "notification")
    for context in ("reservation", "resource"):
        await ensure_group(client, events_of(context), "waitlist")
    for context in BILLED:
        await ensure_group(client, events_of(context), "billing")
    for context in report_hearing.CONTEXTS:
        await ensure_group(client, events_of(context), REPORT_GROUP)
    for publisher in publishers_of(settings.ingress_publishers, settings.environment):
        await ensure_group(client, ingress_of(publisher.name), GROUP)
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


def settings_of_tenant(tenant_id: UUID) -> Query:
    """What the tenant context is asked in order to know whether there is such a tenant."""
    return QUERIES["tenant.get_settings"].model_validate({"tenant_id": tenant_id})


async def always_ready() -> bool:
    """The ingress needs nothing but Redis."""
    return True
