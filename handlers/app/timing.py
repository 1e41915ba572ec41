"""The relay process: the outboxes of every context, and the timers."""

from collections.abc import Mapping, Sequence
from functools import partial

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.streams import (
    CONTEXTS,
    PUBLISHING,
    commands_of,
    events_of,
    ingress_of,
    queries_of,
)
from handlers.app.preparing import SERVED
from handlers.delivery.ingress import publishers_of
from handlers.delivery.janitor import SEALED_KEPT_HOURS, Janitor
from handlers.delivery.relaying import RelayProcess
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.stream_watch import StreamWatch
from handlers.delivery.timers import Step
from handlers.delivery.watch_metrics import WatchMetrics
from handlers.reservation.sweeping import Sweeper
from handlers.tenant.known_suspensions import KnownSuspensions
from handlers.user.forgetting import erase_deleted
from storage.delivery import archive
from storage.delivery.known import KnownObjects
from storage.reservation import purging as reservation_purging
from storage.resource import purging as resource_purging
from storage.subscriber import audit, notifications
from storage.subscriber import purging as subscriber_purging
from storage.tenant import purging as tenant_purging
from storage.user import purging as user_purging

# A tenant's own row goes first: it cannot be restored while the rest is deleted. The audit trail
# stays, which nobody can change: it knows people by their ids alone.
FORGETTING_TENANTS = {
    "tenant": tenant_purging.forget_tenant,
    "resource": resource_purging.forget_tenant,
    "user": user_purging.forget_tenant,
    "reservation": reservation_purging.forget_tenant,
    "subscriber": subscriber_purging.forget_tenant,
}


def relay_process(settings: ProcessSettings) -> RelayProcess:
    """The outbox of every context, and the timers: the sweeper of holds, and the janitor."""
    process = RelayProcess(settings, PUBLISHING)
    engines = {name: process.timer_engine(name) for name in (*CONTEXTS, "subscriber")}
    working = [of(name) for name in SERVED for of in (commands_of, queries_of)]
    publishers = publishers_of(settings.ingress_publishers, settings.environment)
    working += [ingress_of(publisher.name) for publisher in publishers]
    process.every(Sweeper(process.client, engines["reservation"]).run)
    known = KnownObjects(process.client, settings.cache_ttl_seconds)
    process.every(KnownSuspensions(engines["tenant"], known).run)
    forgetting = forgetting_of(settings, process.client, engines)
    days = settings.event_retention_days
    janitor = Janitor(
        process.client, working, engines, days, forgetting, settings.event_archive_days
    )
    process.every(janitor.run)
    if settings.metrics_port:
        watch_streams(process, working, engines)
    return process


def watch_streams(
    process: RelayProcess, working: Sequence[str], engines: Mapping[str, AsyncEngine]
) -> None:
    """The page of this process says how far behind streams, groups and outboxes are."""
    events = [events_of(name) for name in PUBLISHING]
    outboxes = {name: engines[database] for name, database in PUBLISHING.items()}
    watch = StreamWatch(process.client, (*working, *events), outboxes)
    process.registry.register(WatchMetrics(watch))
    process.every(watch.run)


def forgetting_of(
    settings: ProcessSettings, client: Redis, engines: Mapping[str, AsyncEngine]
) -> tuple[Step, ...]:
    """What the contexts forget: what has run out, and what was deleted long ago."""
    days = settings.deleted_retention_days

    async def forget_tenants() -> None:
        for tenant_id in await tenant_purging.tenants_to_forget(engines["tenant"], days):
            for name, of_context in FORGETTING_TENANTS.items():
                await of_context(engines[name], tenant_id)
                await archive.forget_tenant(engines[name], tenant_id)

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
