"""Which process carries what. Read it aloud."""


from contracts.wire.streams import CONTEXTS, commands_of, events_of, queries_of
from handlers.delivery.groups import ensure_group
from handlers.delivery.operations import own_queries
from handlers.delivery.process import Process
from handlers.delivery.redis_clients import writing_client
from handlers.delivery.relaying import RelayProcess
from handlers.delivery.settings import ProcessSettings
from handlers.tenant.routes import tenant_routes


def handler_process(settings: ProcessSettings) -> Process:
    """The four contexts."""
    process = Process(settings, "handler")
    secret = settings.secret_key.get_secret_value()
    routes = {
        "tenant": tenant_routes(secret),
    }
    for context in CONTEXTS:
        engine = process.engine(context)
        about_itself = own_queries(context, engine, process.client, process.keyring)
        process.serve(context, context, (*routes.get(context, ()), *about_itself))
    return process


def relay_process(settings: ProcessSettings) -> RelayProcess:
    """The outbox of every context, and the timers."""
    return RelayProcess(settings, CONTEXTS)


async def prepare(settings: ProcessSettings) -> int:
    """Makes every stream and group, before anything reads or publishes."""
    client = writing_client(settings.redis_url)
    for context in CONTEXTS:
        for stream in (commands_of(context), queries_of(context)):
            await ensure_group(client, stream, context)
        await ensure_group(client, events_of(context), "audit")
    await client.aclose()
    return 0
