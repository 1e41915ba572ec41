"""The handler process: the contexts that it is to handle, and the ingress."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType

from contracts.catalogue import COMMANDS, QUERIES
from contracts.wire.streams import HANDLED, ingress_of
from domain.user.roles import BUILT_IN_ROLES
from handlers.app.tenants import settings_of_tenant
from handlers.delivery.checking import Route
from handlers.delivery.ingress import GROUP, IngressWorker, publishers_of
from handlers.delivery.metrics import Hear
from handlers.delivery.operations import own_queries
from handlers.delivery.process import Process
from handlers.delivery.settings import ProcessSettings
from handlers.reservation.counting import BookingCounts
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.refreshing import KNOWN_EVENTS, Refresher
from handlers.reservation.routes import reservation_routes
from handlers.reservation.waitlist_hearing import HEARD, Hearing
from handlers.resource.routes import resource_routes
from handlers.tenant.routes import tenant_routes
from handlers.user import directory
from handlers.user.routes import user_routes
from handlers.user.tools import UserTools
from storage.delivery.transaction import Reading
from storage.user.accounts import has_administrator

# Whose events reservation learns from.
OWNERS = ("tenant", "resource", "user")


def handler_process(settings: ProcessSettings, chosen: Iterable[str] = ()) -> Process:
    """Everything of HANDLERS, or what is chosen of it: each may have processes of its own."""
    process = Process(settings, "handler", settings_of_tenant, BUILT_IN_ROLES)
    for name in dict.fromkeys(chosen) or HANDLED:
        HANDLERS[name](process)
    return process


def handle_tenant(process: Process) -> None:
    """Tenants, their rules, words and closures."""
    _serve(process, "tenant", tenant_routes(process.engine("tenant"), _secret(process)))


def handle_resource(process: Process) -> None:
    """Categories, resources and their calendars."""
    _serve(process, "resource", resource_routes(_secret(process)))


def handle_user(process: Process) -> None:
    """People, their rights and sign-in, and the directory of tenants that it learns from events."""
    engine = process.engine("user")
    tools = UserTools.of(process.settings, engine, process.rules, process.trail)
    _serve(process, "user", user_routes(tools, process.asker), has_administrator)
    keep = directory.keep_directory
    process.consume("user-directory", ("tenant",), "user", keep, directory.DIRECTORY_EVENTS)


def handle_reservation(process: Process) -> None:
    """Bookings, what they must know of the other contexts, and who waits for a place."""
    engine = process.engine("reservation")
    knowledge = Knowledge(process.known, process.asker)
    routes = reservation_routes(knowledge, engine, _secret(process))
    _serve(process, "reservation", routes, hear=BookingCounts(process.metrics.registry).hear)
    refresh = Refresher(process.known).refresh
    process.consume("reservation-known", OWNERS, "reservation", refresh, KNOWN_EVENTS)
    hear = Hearing(process.client).hear
    process.consume("waitlist", ("reservation", "resource"), "reservation", hear, HEARD)


def handle_ingress(process: Process) -> None:
    """What internal systems publish becomes commands and queries; it needs no database."""
    settings = process.settings
    for publisher in publishers_of(settings.ingress_publishers, settings.environment):
        worker = IngressWorker(
            publisher,
            {**COMMANDS, **QUERIES},
            process.writer,
            process.clock,
            process.keyring,
            _secret(process),
            process.trail,
            process.metrics.of_publisher(publisher.name),
        )
        process.read(ingress_of(publisher.name), GROUP, worker.take, always_ready)


async def always_ready() -> bool:
    """The ingress needs nothing but Redis."""
    return True


HANDLERS: Mapping[str, Callable[[Process], None]] = MappingProxyType({
    "tenant": handle_tenant,
    "resource": handle_resource,
    "user": handle_user,
    "reservation": handle_reservation,
    "ingress": handle_ingress,
})  # fmt: skip


def _serve(
    process: Process,
    context: str,
    routes: tuple[Route, ...],
    complete: Callable[[Reading], Awaitable[bool]] | None = None,
    hear: Hear | None = None,
) -> None:
    engine = process.engine(context)
    about_itself = own_queries(context, engine, process.client, process.keyring, complete)
    process.serve(context, context, (*routes, *about_itself), hear)


def _secret(process: Process) -> str:
    return process.settings.secret_key.get_secret_value()
