"""The gateway's application: a list of what it answers."""

from litestar import Controller, Litestar
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from contracts.catalogue import EVENTS
from gateway.edge.asyncapi.serving import AsyncApiController, Messages
from gateway.edge.booking_pages import BookingPages
from gateway.edge.cors import Cors
from gateway.edge.documented import HEALTH_ROWS, KEY_ROWS, OPERATION_ROWS, document_row
from gateway.edge.doorway import Doorway, Premises, always
from gateway.edge.health import HealthController, Readiness
from gateway.edge.hosts import Hosts
from gateway.edge.keys import KeyController
from gateway.edge.metrics_page import MetricsController
from gateway.edge.openapi.documents import Subject, operations_of
from gateway.edge.openapi.serving import DocumentController, Documents
from gateway.edge.operations import OperationController
from gateway.edge.pages.assets import AssetController, Assets
from gateway.edge.pages.pages import PageController, Pages
from gateway.edge.parts import Parts
from gateway.edge.problems import exception_handlers
from gateway.edge.settings import GatewaySettings, names
from gateway.edge.state import StateController, SystemState
from gateway.reservation.availability import (
    AvailabilityController,
    AvailabilitySearchController,
)
from gateway.reservation.bookings import BookingController
from gateway.reservation.documented import AVAILABILITY_ROWS
from gateway.reservation.documented import ROWS as RESERVATION_ROWS
from gateway.reservation.events import EventController
from gateway.reservation.series import SeriesController
from gateway.reservation.waitlist import WaitlistController
from gateway.resource.categories import CategoryController
from gateway.resource.documented import ROWS as RESOURCE_ROWS
from gateway.resource.resources import OverrideController, ResourceController
from gateway.subscribers.audit import AuditController
from gateway.subscribers.billing import BillingController
from gateway.subscribers.documented import (
    BILLING_ROWS,
    NOTIFICATION_ROWS,
    REPORT_ROWS,
    TEMPLATE_ROWS,
    WEBHOOK_ROWS,
)
from gateway.subscribers.documented import ROWS as AUDIT_ROWS
from gateway.subscribers.mailbox import MailboxController
from gateway.subscribers.notifications import NotificationController
from gateway.subscribers.reports import ReportController
from gateway.subscribers.templates import TemplateController
from gateway.subscribers.webhooks import WebhookController
from gateway.tenant.booking_page import BookingPageController
from gateway.tenant.documented import ROWS as TENANT_ROWS
from gateway.tenant.rules import (
    BrandingController,
    ClosureController,
    LabelsController,
    SettingsController,
)
from gateway.tenant.tenants import TenantController
from gateway.user.api_keys import ApiKeyController
from gateway.user.credentials import CredentialsController
from gateway.user.documented import ROWS as USER_ROWS
from gateway.user.roles import RoleController
from gateway.user.sign_in import SignInController
from gateway.user.users import UserController

CONTROLLERS = (
    SignInController,
    ApiKeyController,
    CredentialsController,
    KeyController,
    TenantController,
    BookingPageController,
    SettingsController,
    LabelsController,
    BrandingController,
    ClosureController,
    AuditController,
    WebhookController,
    TemplateController,
    BillingController,
    CategoryController,
    ResourceController,
    OverrideController,
    AvailabilitySearchController,
    AvailabilityController,
    RoleController,
    UserController,
    BookingController,
    SeriesController,
    WaitlistController,
    EventController,
    NotificationController,
    ReportController,
    OperationController,
    DocumentController,
    AsyncApiController,
    HealthController,
    MetricsController,
    StateController,
)
# For people: described by nothing but themselves.
PAGES = (PageController, AssetController)
# Which document describes which routes.
SUBJECTS = (
    Subject(
        "tenants",
        "Tenants",
        (
            *TENANT_ROWS,
            *AUDIT_ROWS,
            *WEBHOOK_ROWS,
            *BILLING_ROWS,
            *TEMPLATE_ROWS,
            *HEALTH_ROWS,
            document_row("tenants"),
        ),
        EVENTS,
    ),
    Subject(
        "resources",
        "Resources",
        (*RESOURCE_ROWS, *AVAILABILITY_ROWS, document_row("resources")),
    ),
    Subject("users", "Users", (*USER_ROWS, *KEY_ROWS, document_row("users"))),
    Subject(
        "reservations",
        "Reservations",
        (
            *RESERVATION_ROWS,
            *NOTIFICATION_ROWS,
            *REPORT_ROWS,
            *OPERATION_ROWS,
            document_row("reservations"),
        ),
    ),
)


def build_app(settings: GatewaySettings, parts: Parts) -> Doorway:
    """The ASGI application: the doorway, and behind it the routes."""
    app = Litestar(
        route_handlers=(*CONTROLLERS, *PAGES, *controllers_of(settings.environment)),
        exception_handlers=exception_handlers(),
        lifespan=[parts.running],
        state=state_of(parts),
        openapi_config=None,
        logging_config=None,
        # The guard counts the bytes itself, and stops reading sooner.
        request_max_body_size=None,
    )
    app.state.documents = Documents(SUBJECTS, operations_of(app.routes))
    return Doorway(
        app,
        Premises(
            hosts=Hosts(names(settings.allowed_hosts)),
            cors=Cors(settings.origins),
            addresses=parts.addresses,
            always=always(production=settings.environment == "production"),
            drain=parts.drain,
            methods=methods_of(app),
            metrics=parts.metrics,
            metrics_port=settings.metrics_port,
        ),
    )


def state_of(parts: Parts) -> State:
    """What routes share, and no request changes."""
    readiness, messages, assets = Readiness(), Messages(), Assets()
    booking_pages = BookingPages()
    parts.metrics.caches["booking_pages"] = booking_pages
    return State(
        {
            "parts": parts,
            "readiness": readiness,
            "system": SystemState(readiness),
            "booking_pages": booking_pages,
            "messages": messages,
            "assets": assets,
            "pages": Pages(assets, messages),
        }
    )


def controllers_of(environment: str) -> tuple[type[Controller], ...]:
    """What only developers are to see; in production it does not exist."""
    return (MailboxController,) if environment == "development" else ()


def methods_of(app: Litestar) -> dict[str, set[str]]:
    """The methods of each route, by its path's template."""
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    return {route.path_format: {str(method) for method in route.methods} for route in routes}
