"""The gateway's application: a list of what it answers."""

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State

from gateway.edge.doorway import Doorway
from gateway.edge.health import HealthController, Readiness
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

# What a page of another origin may read of an answer, and send with a request.
EXPOSED_HEADERS = (
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)


def build_app(settings: GatewaySettings, parts: Parts) -> Doorway:
    """The ASGI application: the doorway, and behind it the routes."""
    app = Litestar(
        route_handlers=CONTROLLERS,
        exception_handlers=exception_handlers(),
        lifespan=[parts.running],
        state=State({"parts": parts, "readiness": Readiness()}),
        cors_config=_cors(settings),
        openapi_config=None,
        logging_config=None,
        # The guard counts the bytes itself, and stops reading sooner.
        request_max_body_size=None,
    )
    return Doorway(app, names(settings.allowed_hosts), parts.addresses, parts.drain)


def _cors(settings: GatewaySettings) -> CORSConfig | None:
    if not settings.origins:
        return None
    return CORSConfig(
        allow_origins=settings.origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],
        expose_headers=list(EXPOSED_HEADERS),
        max_age=600,
    )
