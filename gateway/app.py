"""The gateway's application: a list of what it answers."""

from litestar import Litestar
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from gateway.edge.booking_pages import BookingPages
from gateway.edge.cors import Cors
from gateway.edge.doorway import Doorway, Premises, always
from gateway.edge.health import HealthController, Readiness
from gateway.edge.hosts import Hosts
from gateway.edge.keys import KeyController
from gateway.edge.operations import OperationController
from gateway.edge.parts import Parts
from gateway.edge.problems import exception_handlers
from gateway.edge.settings import GatewaySettings, names
from gateway.reservation.availability import (
    AvailabilityController,
    AvailabilitySearchController,
)
from gateway.reservation.bookings import BookingController
from gateway.reservation.series import SeriesController
from gateway.reservation.waitlist import WaitlistController
from gateway.resource.categories import CategoryController
from gateway.resource.resources import OverrideController, ResourceController
from gateway.subscribers.audit import AuditController
from gateway.tenant.booking_page import BookingPageController
from gateway.tenant.rules import (
    BrandingController,
    ClosureController,
    LabelsController,
    SettingsController,
)
from gateway.tenant.tenants import TenantController
from gateway.user.api_keys import ApiKeyController
from gateway.user.credentials import CredentialsController
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
    OperationController,
    HealthController,
)


def build_app(settings: GatewaySettings, parts: Parts) -> Doorway:
    """The ASGI application: the doorway, and behind it the routes."""
    app = Litestar(
        route_handlers=CONTROLLERS,
        exception_handlers=exception_handlers(),
        lifespan=[parts.running],
        state=State({"parts": parts, "readiness": Readiness(), "booking_pages": BookingPages()}),
        openapi_config=None,
        logging_config=None,
        # The guard counts the bytes itself, and stops reading sooner.
        request_max_body_size=None,
    )
    return Doorway(
        app,
        Premises(
            hosts=Hosts(names(settings.allowed_hosts)),
            cors=Cors(settings.origins),
            addresses=parts.addresses,
            always=always(production=settings.environment == "production"),
            drain=parts.drain,
            methods=methods_of(app),
        ),
    )


def methods_of(app: Litestar) -> dict[str, set[str]]:
    """The methods of each route, by its path's template."""
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    return {route.path_format: {str(method) for method in route.methods} for route in routes}
