"""Every route as one row: what is called, and what must stand on which stream."""

# long: a table of all routes, and nothing else.

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid5

from contracts.wire.streams import commands_of, queries_of
from tests.gateway.signer import ACME, NAMES

ID = str(uuid5(NAMES, "the object"))
OTHER = str(uuid5(NAMES, "the other object"))
TENANT = f"/tenants/{ACME}"


@dataclass(frozen=True)
class Row:
    """`data` is what the message must say, `permission` what admits its caller, if anything.

    `tenant` is whose the message must be: the caller's, or nobody's; `platform`: only an
    administrator of the platform calls it.
    """

    method: str
    path: str
    type: str
    stream: str
    data: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    permission: str = ""
    subject: str = ""
    status: int = 200
    tenant: bool = True
    platform: bool = False
    signed_in: bool = True


def _query(method: str, path: str, kind: str, context: str, **more: Any) -> Row:
    return Row(method, path, kind, queries_of(context), **more)


def _command(method: str, path: str, kind: str, context: str, **more: Any) -> Row:
    return Row(method, path, kind, commands_of(context), **more)


_OWNER = {"email": "ada@acme.test", "name": "Ada", "password": "correct horse battery"}
_ACME = {"name": "Acme", "slug": "acme", "owner": _OWNER}
_SIGN_IN = {"tenant": "acme", "email": "ada@acme.test", "password": "correct horse battery"}
_REFRESH = {"refresh_token": "a-token"}
_CHANGE = {"current_password": "correct horse battery", "new_password": "another long phrase"}
_OTHER_ADDRESS = {"email": "ada@acme.test", "current_password": "correct horse battery"}
_RESET = {"code": "a-code", "new_password": "another long phrase"}
_REGISTER = {"tenant": "acme", "email": "bob@acme.test"}
_CONFIRM = {"code": "a-code", "name": "Bob", "password": "correct horse battery"}
_WAIT = {
    "resource_id": ID,
    "from": "2026-12-01T09:00:00+01:00",
    "to": "2026-12-01T12:00:00+01:00",
    "duration_minutes": 60,
}
_WAIT_SAID = {**_WAIT, "from": "2026-12-01T08:00:00Z", "to": "2026-12-01T11:00:00Z"}
_CLOSURE = {"date": "2026-12-25", "reason": "Christmas"}
_OVERRIDE = {"date": "2026-12-24", "closed": True}
_ROOM = {"name": "Room", "kind": "space"}
_USER = {"email": "bob@acme.test", "name": "Bob"}
_BOOKING = {
    "resource_id": ID,
    "starts_at": "2026-12-01T09:00:00+01:00",
    "ends_at": "2026-12-01T10:00:00+01:00",
}
_BOOKING_SAID = {
    "resource_id": ID,
    "starts_at": "2026-12-01T08:00:00Z",
    "ends_at": "2026-12-01T09:00:00Z",
}

SIGN_IN = (
    _command("POST", "/auth/token", "auth.token", "user", body=_SIGN_IN, signed_in=False),
    _command("POST", "/auth/refresh", "auth.refresh", "user", body=_REFRESH, signed_in=False),
    _command(
        "POST", "/auth/logout", "auth.logout", "user", body=_REFRESH, status=204, signed_in=False
    ),
    _query("GET", "/auth/me", "auth.me", "user"),
    _command("POST", "/auth/password/change", "auth.change_password", "user", body=_CHANGE),
    _command(
        "POST", "/auth/email/change", "auth.change_email", "user", body=_OTHER_ADDRESS, status=204
    ),
    _command(
        "POST",
        "/auth/email/confirm",
        "auth.confirm_email",
        "user",
        body={"code": "a-code"},
        status=204,
    ),
    _command(
        "POST",
        "/auth/password/reset",
        "auth.reset_password",
        "user",
        body=_RESET,
        status=204,
        signed_in=False,
    ),
    _command(
        "POST",
        "/auth/register",
        "auth.register",
        "user",
        body=_REGISTER,
        status=202,
        signed_in=False,
    ),
    _command(
        "POST",
        "/auth/register/confirm",
        "auth.confirm_registration",
        "user",
        body=_CONFIRM,
        status=202,
        signed_in=False,
    ),
)

_KEY = {"name": "till", "scopes": ["booking:read:any"], "cidrs": ["192.0.2.0/24"]}
API_KEYS = (
    _command(
        "POST",
        "/auth/api-keys/",
        "apikey.create",
        "user",
        body=_KEY,
        data=_KEY,
        permission="apikey:manage",
        status=201,
    ),
    _query(
        "GET",
        "/auth/api-keys/?limit=5",
        "apikey.list",
        "user",
        data={"limit": 5},
        permission="apikey:manage",
    ),
    _command(
        "DELETE",
        f"/auth/api-keys/{ID}",
        "apikey.delete",
        "user",
        data={"apikey_id": ID},
        permission="apikey:manage",
        subject=f"apikey/{ID}",
        status=204,
    ),
)

_HOOK = {"url": "https://acme.test/hooks", "event_types": ["booking.*"]}
_HOOK_SPAN = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
_HOOK_MANAGE = "webhook:manage"
_AT_HOOK = {"tenant_id": str(ACME), "webhook_id": ID}


def _hook(method: str, rest: str, kind: str, **more: Any) -> Row:
    """About one endpoint."""
    path = f"{TENANT}/webhooks/{ID}{rest}"
    data = {**_AT_HOOK, **more.pop("data", {})}
    return _command(
        method,
        path,
        kind,
        "webhook",
        data=data,
        permission=_HOOK_MANAGE,
        subject=f"webhook/{ID}",
        **more,
    )


_WEBHOOKS = (
    _command(
        "POST",
        f"{TENANT}/webhooks/",
        "webhook.create",
        "webhook",
        body=_HOOK,
        data={"tenant_id": str(ACME), **_HOOK},
        permission=_HOOK_MANAGE,
        status=201,
    ),
    _query("GET", f"{TENANT}/webhooks/", "webhook.list", "webhook", permission=_HOOK_MANAGE),
    _query(
        "GET",
        f"{TENANT}/webhooks/{ID}",
        "webhook.get",
        "webhook",
        data={"webhook_id": ID},
        permission=_HOOK_MANAGE,
        subject=f"webhook/{ID}",
    ),
    _hook("PATCH", "", "webhook.update", body={"enabled": False}, data={"enabled": False}),
    _hook("DELETE", "", "webhook.delete", status=204),
    _hook("POST", "/rotate-secret", "webhook.rotate_secret"),
    _hook("POST", "/test", "webhook.test"),
    _query(
        "GET",
        f"{TENANT}/webhooks/{ID}/deliveries/?state=failed",
        "webhook.deliveries",
        "webhook",
        data={"webhook_id": ID, "state": "failed"},
        permission=_HOOK_MANAGE,
        subject=f"webhook/{ID}",
    ),
    _hook(
        "POST", "/deliveries/redeliver", "webhook.redeliver_range", body=_HOOK_SPAN, data=_HOOK_SPAN
    ),
    _hook(
        "POST",
        f"/deliveries/{OTHER}/redeliver",
        "webhook.redeliver",
        data={"delivery_id": OTHER},
    ),
)

_TEXT = {"subject": "New", "body": "{{ booking.when }}"}
_WHICH = {"event": "booking.moved", "channel": "email", "locale": "pt-BR"}
_AT_TEXT = f"{TENANT}/notification-templates/booking.moved/email/pt-BR"


def _text(method: str, rest: str, kind: str, **more: Any) -> Row:
    """About one text of what people are told."""
    data = {"tenant_id": str(ACME), **_WHICH, **more.get("body", {})}
    return _command(
        method,
        f"{_AT_TEXT}{rest}",
        f"notification_template.{kind}",
        "notification",
        data=data,
        permission="tenant:update",
        **more,
    )


_TEXTS = (
    _query(
        "GET",
        f"{TENANT}/notification-templates/",
        "notification_template.list",
        "notification",
        permission="tenant:update",
    ),
    _query(
        "GET",
        _AT_TEXT,
        "notification_template.get",
        "notification",
        data=_WHICH,
        permission="tenant:update",
    ),
    _text("PUT", "", "set", body=_TEXT),
    _text("DELETE", "", "reset", status=204),
    _text("POST", "/preview", "preview", body=_TEXT),
)

TENANTS = (
    _command(
        "POST",
        "/tenants/",
        "tenant.create",
        "tenant",
        body=_ACME,
        permission="tenant:create",
        status=201,
        tenant=False,
        platform=True,
    ),
    _query(
        "GET",
        "/tenants/?include_deleted=true&limit=5",
        "tenant.list",
        "tenant",
        data={"include_deleted": True, "limit": 5},
        permission="tenant:create",
        tenant=False,
        platform=True,
    ),
    _query(
        "GET",
        TENANT,
        "tenant.get",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:read",
        subject=f"tenant/{ACME}",
    ),
    _command(
        "PATCH",
        TENANT,
        "tenant.update",
        "tenant",
        body={"name": "Acme 2"},
        data={"tenant_id": str(ACME), "name": "Acme 2"},
        permission="tenant:update",
        subject=f"tenant/{ACME}",
    ),
    _command(
        "DELETE",
        TENANT,
        "tenant.delete",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:create",
        status=204,
        platform=True,
        subject=f"tenant/{ACME}",
    ),
    _command(
        "POST",
        f"{TENANT}/restore",
        "tenant.restore",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:create",
        platform=True,
        subject=f"tenant/{ACME}",
    ),
    _command(
        "POST",
        f"{TENANT}/suspend",
        "tenant.suspend",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:suspend",
        platform=True,
        subject=f"tenant/{ACME}",
    ),
    _command(
        "POST",
        f"{TENANT}/resume",
        "tenant.resume",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:suspend",
        platform=True,
        subject=f"tenant/{ACME}",
    ),
    _query(
        "GET",
        f"{TENANT}/settings",
        "tenant.get_settings",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:read",
        subject=f"tenant/{ACME}",
    ),
    _command(
        "PATCH",
        f"{TENANT}/settings",
        "tenant.update_settings",
        "tenant",
        body={"timezone": "Europe/Lisbon", "min_duration_minutes": None},
        data={
            "tenant_id": str(ACME),
            "patch": {"timezone": "Europe/Lisbon", "min_duration_minutes": None},
        },
        permission="tenant:update",
        subject=f"tenant/{ACME}",
    ),
    _query(
        "GET",
        f"{TENANT}/labels",
        "tenant.get_labels",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:read",
        subject=f"tenant/{ACME}",
    ),
    _command(
        "PUT",
        f"{TENANT}/labels",
        "tenant.set_labels",
        "tenant",
        body={"booking": "Visit"},
        data={"tenant_id": str(ACME), "labels": {"booking": "Visit"}},
        permission="tenant:update",
        subject=f"tenant/{ACME}",
    ),
    _command(
        "PUT",
        f"{TENANT}/labels",
        "tenant.set_labels",
        "tenant",
        body={"labels": {"booking": "Visit"}},
        data={"tenant_id": str(ACME), "labels": {"booking": "Visit"}},
        permission="tenant:update",
        subject=f"tenant/{ACME}",
    ),
    _query(
        "GET",
        f"{TENANT}/branding",
        "tenant.get_branding",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:read",
        subject=f"tenant/{ACME}",
    ),
    _command(
        "PUT",
        f"{TENANT}/branding",
        "tenant.set_branding",
        "tenant",
        body={"display_name": "Acme"},
        data={"tenant_id": str(ACME), "branding": {"display_name": "Acme"}},
        permission="tenant:update",
        subject=f"tenant/{ACME}",
    ),
    _query(
        "GET",
        f"{TENANT}/closures/",
        "closure.list",
        "tenant",
        data={"tenant_id": str(ACME)},
        permission="tenant:read",
    ),
    _command(
        "POST",
        f"{TENANT}/closures/",
        "closure.create",
        "tenant",
        body=_CLOSURE,
        data={"tenant_id": str(ACME), "closure": _CLOSURE},
        permission="closure:manage",
        status=201,
    ),
    _command(
        "DELETE",
        f"{TENANT}/closures/{ID}",
        "closure.delete",
        "tenant",
        data={"tenant_id": str(ACME), "closure_id": ID},
        permission="closure:manage",
        subject=f"closure/{ID}",
        status=204,
    ),
    _query(
        "GET",
        f"{TENANT}/audit/?type=booking.created&from=2026-01-01T00:00:00Z&actor=user:1",
        "audit.list",
        "audit",
        data={"event_type": "booking.created", "from": "2026-01-01T00:00:00Z", "actor": "user:1"},
        permission="audit:read",
    ),
    _query(
        "GET",
        f"{TENANT}/usage?from=2026-11-01&to=2026-11-30",
        "billing.usage",
        "billing",
        data={"from": "2026-11-01", "to": "2026-11-30"},
        permission="billing:read",
    ),
    _query(
        "GET",
        f"{TENANT}/statements/2026-11?limit=2",
        "billing.statement",
        "billing",
        data={"month": "2026-11", "limit": 2},
        permission="billing:read",
    ),
    *_WEBHOOKS,
    *_TEXTS,
)


def _lifecycle(path: str, kind: str, context: str, verbs: dict[str, str]) -> tuple[Row, ...]:
    """Read, change, delete and restore of one object; `verbs` gives the permission of each."""
    one, named = f"{path}/{ID}", {f"{kind}_id": ID}
    told: dict[str, Any] = {"subject": f"{kind}/{ID}"}
    return (
        _query("GET", one, f"{kind}.get", context, data=named, permission=verbs["get"], **told),
        _command(
            "PATCH",
            one,
            f"{kind}.update",
            context,
            body={"name": "New"},
            data={**named, "name": "New"},
            permission=verbs["update"],
            **told,
        ),
        _command(
            "DELETE",
            one,
            f"{kind}.delete",
            context,
            data=named,
            permission=verbs["delete"],
            status=204,
            **told,
        ),
        _command(
            "POST",
            f"{one}/restore",
            f"{kind}.restore",
            context,
            data=named,
            permission=verbs["delete"],
            **told,
        ),
    )


_MANAGE = dict.fromkeys(("update", "delete"), "category:manage")
RESOURCES = (
    _command(
        "POST",
        "/resources/categories/",
        "category.create",
        "resource",
        body={"id": ID, "name": "Rooms"},
        data={"id": ID, "name": "Rooms"},
        permission="category:manage",
        subject=f"category/{ID}",
        status=201,
    ),
    _query(
        "GET",
        "/resources/categories/",
        "category.list",
        "resource",
        permission="resource:read",
    ),
    *_lifecycle(
        "/resources/categories", "category", "resource", {"get": "resource:read", **_MANAGE}
    ),
    _command(
        "POST",
        "/resources/",
        "resource.create",
        "resource",
        body=_ROOM,
        data=_ROOM,
        permission="resource:create",
        status=201,
    ),
    _query(
        "GET",
        "/resources/?attribute=colour:red&attribute=floor:2&kind=space&active=false",
        "resource.list",
        "resource",
        data={"attribute": ["colour:red", "floor:2"], "kind": "space", "active": False},
        permission="resource:read",
    ),
    *_lifecycle(
        "/resources",
        "resource",
        "resource",
        {"get": "resource:read", "update": "resource:update", "delete": "resource:delete"},
    ),
    _command(
        "POST",
        f"/resources/{ID}/calendar-token",
        "resource.mint_calendar_token",
        "resource",
        data={"resource_id": ID},
        permission="resource:update",
        subject=f"resource/{ID}",
        status=201,
    ),
    _command(
        "DELETE",
        f"/resources/{ID}/calendar-token",
        "resource.revoke_calendar_token",
        "resource",
        data={"resource_id": ID},
        permission="resource:update",
        subject=f"resource/{ID}",
        status=204,
    ),
    _query(
        "GET",
        f"/resources/{ID}/overrides/",
        "override.list",
        "resource",
        data={"resource_id": ID},
        permission="resource:read",
    ),
    _command(
        "POST",
        f"/resources/{ID}/overrides/",
        "override.create",
        "resource",
        body={**_OVERRIDE, "id": OTHER},
        data={"resource_id": ID, "id": OTHER, "override": _OVERRIDE},
        permission="resource:update",
        subject=f"override/{OTHER}",
        status=201,
    ),
    _command(
        "DELETE",
        f"/resources/{ID}/overrides/{OTHER}",
        "override.delete",
        "resource",
        data={"resource_id": ID, "override_id": OTHER},
        permission="resource:update",
        subject=f"override/{OTHER}",
        status=204,
    ),
    _query(
        "GET",
        f"/resources/{ID}/availability?date=2026-12-01&duration_minutes=30",
        "availability.get",
        "reservation",
        data={"resource_id": ID, "date": "2026-12-01", "duration_minutes": 30},
        permission="availability:read",
    ),
    _query(
        "GET",
        f"/resources/{ID}/availability?from=2026-12-01&to=2026-12-02",
        "availability.get",
        "reservation",
        data={"resource_id": ID, "from": "2026-12-01", "to": "2026-12-02"},
        permission="availability:read",
    ),
)

_ROLE = {"id": ID, "name": "desk", "permissions": ["booking:read:any"]}
_ROLE_VERBS = {"get": "tenant:read", **dict.fromkeys(("update", "delete"), "role:manage")}
ROLES = (
    _command(
        "POST",
        "/users/roles/",
        "role.create",
        "user",
        body=_ROLE,
        data=_ROLE,
        permission="role:manage",
        subject=f"role/{ID}",
        status=201,
    ),
    _query(
        "GET",
        "/users/roles/?include_deleted=true&limit=5",
        "user.roles",
        "user",
        data={"include_deleted": True, "limit": 5},
        permission="tenant:read",
    ),
    *_lifecycle("/users/roles", "role", "user", _ROLE_VERBS),
)

USERS = (
    _query("GET", "/users/permissions", "user.permissions", "user"),
    _command(
        "POST",
        f"/users/{ID}/calendar-token",
        "user.mint_calendar_token",
        "user",
        data={"user_id": ID},
        permission="user:update:own",
        subject=f"user/{ID}",
        status=201,
    ),
    _command(
        "DELETE",
        f"/users/{ID}/calendar-token",
        "user.revoke_calendar_token",
        "user",
        data={"user_id": ID},
        permission="user:update:own",
        subject=f"user/{ID}",
        status=204,
    ),
    _query(
        "GET",
        f"/users/{ID}/notification-preferences",
        "user.get_notification_preferences",
        "user",
        data={"user_id": ID},
        permission="user:read:own",
        subject=f"user/{ID}",
    ),
    _command(
        "PUT",
        f"/users/{ID}/notification-preferences",
        "user.set_notification_preferences",
        "user",
        body={"sms": {"booking.reminder": True}},
        data={"user_id": ID, "sms": {"booking.reminder": True}},
        permission="user:update:own",
        subject=f"user/{ID}",
    ),
    *ROLES,
    _command(
        "POST",
        "/users/",
        "user.create",
        "user",
        body=_USER,
        permission="user:create",
        status=201,
    ),
    _query(
        "GET",
        "/users/?q=bob&role=staff",
        "user.list",
        "user",
        data={"q": "bob", "role": "staff"},
        permission="user:read:any",
    ),
    _query(
        "GET",
        f"/users/{ID}",
        "user.get",
        "user",
        data={"user_id": ID},
        permission="user:read:own",
        subject=f"user/{ID}",
    ),
    _command(
        "PATCH",
        f"/users/{ID}",
        "user.update",
        "user",
        body={"active": False},
        data={"user_id": ID, "active": False},
        permission="user:update:own",
        subject=f"user/{ID}",
    ),
    _command(
        "DELETE",
        f"/users/{ID}",
        "user.delete",
        "user",
        data={"user_id": ID},
        permission="user:delete",
        subject=f"user/{ID}",
        status=204,
    ),
    _command(
        "POST",
        f"/users/{ID}/restore",
        "user.restore",
        "user",
        data={"user_id": ID},
        permission="user:delete",
        subject=f"user/{ID}",
    ),
)


def _booking(method: str, path: str, kind: str, permission: str, **more: Any) -> Row:
    make = _query if method == "GET" else _command
    said = {"booking_id": ID, **(more.get("body") or {})}
    return make(
        method,
        f"/reservations/bookings/{ID}{path}",
        kind,
        "reservation",
        data=said,
        permission=permission,
        subject=f"booking/{ID}",
        **more,
    )


RESERVATIONS = (
    _command(
        "POST",
        "/reservations/bookings/",
        "booking.create",
        "reservation",
        body=_BOOKING,
        data=_BOOKING_SAID,
        permission="booking:create:own",
        status=201,
    ),
    _query(
        "GET",
        "/reservations/bookings/?status=confirmed&status=pending&from=2026-12-01T00:00:00+01:00",
        "booking.list",
        "reservation",
        data={"status": ["confirmed", "pending"], "from": "2026-11-30T23:00:00Z"},
        permission="booking:read:own",
    ),
    _booking("GET", "", "booking.get", "booking:read:own"),
    _booking("PATCH", "", "booking.update", "booking:update:own", body={"notes": None}),
    _booking("POST", "/cancel", "booking.cancel", "booking:cancel:own", body={"reason": "ill"}),
    _booking(
        "POST", "/status", "booking.change_status", "booking:confirm", body={"status": "no_show"}
    ),
    _booking("POST", "/extend-hold", "booking.extend_hold", "booking:update:own"),
    _booking("GET", "/history", "booking.history", "booking:read:any"),
    _query(
        "GET",
        f"/reservations/bookings/{ID}/notifications",
        "notification.list",
        "notification",
        data={"booking_id": ID},
        permission="booking:read:any",
    ),
)

REPORTS = tuple(
    _query(
        "GET",
        f"/reservations/reports/{name}?from=2026-01-01&to=2026-01-31&group_by=week",
        f"report.{name.replace('-', '_')}",
        "report",
        data={"from": "2026-01-01", "to": "2026-01-31", "group_by": "week"},
        permission="report:read",
    )
    for name in ("occupancy", "bookings", "cancellations", "no-shows")
)

WAITLIST = (
    _command(
        "POST",
        "/reservations/waitlist/",
        "waitlist.join",
        "reservation",
        body=_WAIT,
        data=_WAIT_SAID,
        permission="booking:create:own",
        status=201,
    ),
    _query(
        "GET",
        "/reservations/waitlist/?status=waiting",
        "waitlist.list",
        "reservation",
        data={"status": ["waiting"]},
        permission="booking:read:own",
    ),
    _query(
        "GET",
        f"/reservations/waitlist/{ID}",
        "waitlist.get",
        "reservation",
        data={"entry_id": ID},
        permission="booking:read:own",
    ),
    _command(
        "DELETE",
        f"/reservations/waitlist/{ID}",
        "waitlist.leave",
        "reservation",
        data={"entry_id": ID},
        permission="booking:cancel:own",
        status=204,
    ),
)

OPERATIONS = tuple(
    _query(
        "GET",
        f"/operations/{context}/{ID}",
        "operation.get",
        context,
        data={"operation_id": ID},
        subject=f"operation/{ID}",
    )
    for context in ("tenant", "resource", "user", "reservation")
)

ROUTES = (
    *SIGN_IN,
    *API_KEYS,
    *TENANTS,
    *RESOURCES,
    *USERS,
    *RESERVATIONS,
    *REPORTS,
    *WAITLIST,
    *OPERATIONS,
)
