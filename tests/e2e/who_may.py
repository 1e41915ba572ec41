"""Who may do what: every operation, the permissions that admit to it, and what others are told.

A new operation has to be given its row in OPERATIONS; see what the fields of Operation say.
"""

# long: the table of all operations, and how a row of it is read.

from dataclasses import dataclass, field
from typing import Any

from tests.e2e.series import WEEKLY
from tests.permissions import held_by_role

# A role of the organisation's own that sees more than it may change, and a key that does, too.
AUDITOR = (
    *("tenant:read", "resource:read", "user:read:any", "user:update:own"),
    *("booking:read:any", "booking:update:own", "booking:cancel:own"),
)
KEY = (
    *("tenant:read", "resource:read", "booking:create:any", "booking:read:any"),
    *("booking:update:own", "apikey:manage"),
)
# What is no permission and still decides: being somebody, a person, an owner.
ANYONE, PERSON, OWNER = "(anyone)", "(a person)", "(an owner)"


def holders() -> dict[str, frozenset[str]]:
    """What each kind of caller holds; `anonymous` has not signed in."""
    held = {role: {ANYONE, PERSON, *permissions} for role, permissions in held_by_role().items()}
    held["owner"].add(OWNER)
    held["auditor"] = {ANYONE, PERSON, *AUDITOR}
    held["key"] = {ANYONE, *KEY}
    held["anonymous"] = set()
    return {caller: frozenset(permissions) for caller, permissions in held.items()}


@dataclass(frozen=True)
class Operation:
    """`any` admits to everybody's objects (or the tenant's), `own` to one's own alone; who holds
    one of `sees` is told 403 of an object that they may not touch, everybody else 404.

    `about` is the kind of object in the path (`{id}`); with `names` the body says whose the new
    object is to be. `used_up`: what succeeds leaves nothing to try again. `whose`: which objects
    there are to try, of `own`, `other`, `foreign` (another tenant's). `open`: nobody is asked who
    they are. `machines`: a key, too, may leave open whose the new object is.
    """

    method: str
    path: str
    any: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    fine: tuple[int, ...] = (200,)
    about: str = ""
    names: bool = False
    used_up: bool = False
    whose: tuple[str, ...] = field(default=("other",))
    open: bool = False
    machines: bool = True

    def expected(self, held: frozenset[str], whose: str) -> tuple[int, ...]:
        """The statuses that are right for a caller who holds these, about this object."""
        if self.open:
            return self.fine
        if not held:
            return (401,)
        foreign_tenant = whose == "foreign" and self.path.startswith("/tenants/")
        if not held & {*self.any, *self.own} and not foreign_tenant:
            return (403,)
        if whose == "foreign":
            return (404,)
        if held & set(self.any) or (whose == "own" and held & set(self.own)):
            return self.fine
        return (403,) if self.names or whose == "own" or held & set(self.sees) else (404,)


ALL = ("own", "other", "foreign")
TEXT = "/notification-templates/{event}/{channel}/{locale}"
PREFERENCES = "/users/{id}/notification-preferences"
SHARED = ("other", "foreign")
T = "/tenants/{tenant}"
BOOKINGS, SERIES, WAITLIST = (
    f"/reservations/{kind}" for kind in ("bookings", "series", "waitlist")
)


def _open(method: str, path: str, *fine: int, body: dict[str, Any] | None = None) -> Operation:
    return Operation(method, path, body=body, fine=fine, open=True)


def _tenant(method: str, rest: str, permission: str, **more: Any) -> Operation:
    return Operation(method, f"{T}{rest}", (permission,), whose=SHARED, **more)


def _hook(method: str, rest: str = "", **more: Any) -> Operation:
    """About a webhook endpoint."""
    return _tenant(method, f"/webhooks/{{id}}{rest}", "webhook:manage", about="webhook", **more)


def _shared(method: str, path: str, kind: str, permission: str, **more: Any) -> Operation:
    """About an object that is the tenant's and no user's."""
    return Operation(method, path, (permission,), about=kind, whose=SHARED, **more)


def _lifecycle(path: str, kind: str, get: str, update: str, delete: str) -> dict[str, Operation]:
    one = f"{path}/{{id}}"
    gone: dict[str, Any] = {"about": f"deleted {kind}", "used_up": True, "whose": SHARED}
    return {
        f"{kind}_get": _shared("GET", one, kind, get),
        f"{kind}_update": _shared("PATCH", one, kind, update, body={"name": "Another {n}"}),
        f"{kind}_delete": _shared("DELETE", one, kind, delete, fine=(204,), used_up=True),
        f"{kind}_restore": Operation("POST", f"{one}/restore", (delete,), **gone),
    }


def _booked(method: str, path: str, verb: str, kind: str, **more: Any) -> Operation:
    """About a booking, series or entry that is somebody's."""
    return Operation(
        method,
        path,
        (f"booking:{verb}:any",),
        (f"booking:{verb}:own",),
        ("booking:read:any",),
        about=kind,
        whose=ALL,
        **more,
    )


_SPAN = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
_NEVER = {"email": "nobody@x.example", "password": "not the password"}
_OWNER = {"email": "o@x.example", "name": "O", "password": "correct horse battery"}
_SLOT = {"resource_id": "{resource}", "starts_at": "{start}", "ends_at": "{end}"}
_PATTERN = {**_SLOT, "recurring_pattern": {**WEEKLY, "count": 2}}

OPERATIONS: dict[str, Operation] = {
    "health": _open("GET", "/health", 200),
    "ready": _open("GET", "/ready", 200),
    "metrics": _open("GET", "/metrics", 200),
    "state": _open("GET", "/state", 200),
    "asyncapi": _open("GET", "/asyncapi.json", 200),
    # Switched off here: test_public_tenant.py has one that is on.
    "public_get": _open("GET", "/public/{slug}", 404),
    "public_resources": _open("GET", "/public/{slug}/resources", 404),
    "public_availability": _open("GET", "/public/{slug}/resources/{id}/availability", 404),
    "jwks": _open("GET", "/.well-known/jwks.json", 200),
    **{
        f"{subject}_openapi": _open("GET", f"/{subject}/openapi.json", 200)
        for subject in ("tenants", "resources", "users", "reservations")
    },
    "auth_token": _open("POST", "/auth/token", 401, body={"tenant": "{slug}", **_NEVER}),
    "auth_refresh": _open("POST", "/auth/refresh", 401, body={"refresh_token": "none"}),
    "auth_logout": _open("POST", "/auth/logout", 204, body={"refresh_token": "none"}),
    "auth_forgot_password": _open(
        "POST", "/auth/password/forgot", 202, body={"tenant": "{slug}", "email": "no@x.example"}
    ),
    "auth_reset_password": _open(
        "POST", "/auth/password/reset", 400, body={"code": "none", "new_password": "a b c d e f g"}
    ),
    "auth_register": _open(
        "POST", "/auth/register", 202, body={"tenant": "{slug}", "email": "new@x.example"}
    ),
    "auth_confirm_registration": _open(
        "POST",
        "/auth/register/confirm",
        400,
        body={"code": "none", "name": "N", "password": "a b c d e f g"},
    ),
    "auth_me": Operation("GET", "/auth/me", (ANYONE,)),
    # The password is right and the new one is not: nobody's sessions end.
    "auth_change_password": Operation(
        "POST",
        "/auth/password/change",
        (PERSON,),
        body={"current_password": "correct horse battery", "new_password": "short"},
        fine=(400,),
    ),
    # Asked for and never confirmed: the address stays.
    "auth_change_email": Operation(
        "POST",
        "/auth/email/change",
        (PERSON,),
        body={"email": "another@x.example", "current_password": "correct horse battery"},
        fine=(204,),
    ),
    "auth_confirm_email": Operation(
        "POST", "/auth/email/confirm", (PERSON,), body={"code": "none"}, fine=(400,)
    ),
    "apikey_create": Operation(
        "POST",
        "/auth/api-keys/",
        ("apikey:manage",),
        body={"name": "k", "scopes": ["resource:read"]},
        fine=(201,),
    ),
    "apikey_list": Operation("GET", "/auth/api-keys/", ("apikey:manage",)),
    "apikey_delete": _shared(
        "DELETE", "/auth/api-keys/{id}", "apikey", "apikey:manage", fine=(204,), used_up=True
    ),
    "tenant_create": Operation(
        "POST",
        "/tenants/",
        ("tenant:create",),
        body={"name": "T", "slug": "t-{n}", "owner": _OWNER},
    ),
    "tenant_list": Operation("GET", "/tenants/", ("tenant:create",)),
    "tenant_get": _tenant("GET", "", "tenant:read"),
    "tenant_update": _tenant("PATCH", "", "tenant:update", body={"name": "House {n}"}),
    "tenant_delete": _tenant("DELETE", "", "tenant:create"),
    "tenant_restore": _tenant("POST", "/restore", "tenant:create"),
    "tenant_suspend": _tenant("POST", "/suspend", "tenant:suspend"),
    "tenant_resume": _tenant("POST", "/resume", "tenant:suspend"),
    "settings_get": _tenant("GET", "/settings", "tenant:read"),
    "settings_update": _tenant("PATCH", "/settings", "tenant:update", body={"locale": "pt-BR"}),
    "labels_get": _tenant("GET", "/labels", "tenant:read"),
    "labels_set": _tenant("PUT", "/labels", "tenant:update", body={"booking": "Visit"}),
    "branding_get": _tenant("GET", "/branding", "tenant:read"),
    "branding_set": _tenant("PUT", "/branding", "tenant:update", body={"display_name": "H"}),
    "closure_list": _tenant("GET", "/closures/", "tenant:read"),
    "closure_create": _tenant(
        "POST",
        "/closures/",
        "closure:manage",
        body={"date": "2099-12-25", "reason": "Christmas"},
        fine=(201,),
    ),
    "closure_delete": _tenant(
        "DELETE", "/closures/{id}", "closure:manage", fine=(204,), about="closure", used_up=True
    ),
    "audit_list": Operation(
        "GET", f"{T}/audit/", ("audit:read", "audit:read:booking"), whose=SHARED
    ),
    "usage": _tenant("GET", "/usage?from=2026-11-01&to=2026-11-30", "billing:read"),
    "statement": _tenant("GET", "/statements/{month}", "billing:read"),
    "webhook_create": _tenant(
        "POST",
        "/webhooks/",
        "webhook:manage",
        body={"url": "https://hooks.invalid/", "event_types": ["user.*"]},
        fine=(201,),
    ),
    "webhook_list": _tenant("GET", "/webhooks/", "webhook:manage"),
    "webhook_get": _hook("GET"),
    "webhook_update": _hook("PATCH", body={"event_types": ["role.*"]}),
    "webhook_delete": _hook("DELETE", fine=(204,), used_up=True),
    "webhook_rotate_secret": _hook("POST", "/rotate-secret"),
    "webhook_test": _hook("POST", "/test"),
    "webhook_deliveries": _hook("GET", "/deliveries/"),
    "webhook_redeliver_range": _hook("POST", "/deliveries/redeliver", body=_SPAN),
    # Of a delivery that there is not.
    "webhook_redeliver": _hook("POST", "/deliveries/{resource}/redeliver", fine=(404,)),
    "template_list": _tenant("GET", "/notification-templates/", "tenant:update"),
    "template_get": _tenant("GET", TEXT, "tenant:update"),
    "template_set": _tenant("PUT", TEXT, "tenant:update", body={"body": "Number {n}"}),
    "template_reset": _tenant("DELETE", TEXT, "tenant:update", fine=(204,)),
    "template_preview": _tenant("POST", f"{TEXT}/preview", "tenant:update"),
    "category_create": Operation(
        "POST", "/resources/categories/", ("category:manage",), body={"name": "C {n}"}, fine=(201,)
    ),
    "category_list": Operation("GET", "/resources/categories/", ("resource:read",)),
    **_lifecycle("/resources/categories", "category", "resource:read", *["category:manage"] * 2),
    "resource_create": Operation(
        "POST",
        "/resources/",
        ("resource:create",),
        body={"name": "R {n}", "kind": "space"},
        fine=(201,),
    ),
    "resource_list": Operation("GET", "/resources/", ("resource:read",)),
    **_lifecycle("/resources", "resource", "resource:read", "resource:update", "resource:delete"),
    "resource_mint_calendar_token": _shared(
        "POST", "/resources/{id}/calendar-token", "resource", "resource:update", fine=(201,)
    ),
    "resource_revoke_calendar_token": _shared(
        "DELETE", "/resources/{id}/calendar-token", "resource", "resource:update", fine=(204,)
    ),
    # With a token that opens them: test_feeds_reservation.py.
    "resource_calendar": _open("GET", "/resources/{resource}/calendar.ics?token=none", 404),
    "user_calendar": _open("GET", "/users/{resource}/calendar.ics?token=none", 404),
    "override_list": _shared("GET", "/resources/{id}/overrides/", "resource", "resource:read"),
    "override_create": _shared(
        "POST",
        "/resources/{id}/overrides/",
        "resource",
        "resource:update",
        body={"date": "{day}", "closed": True},
        fine=(201,),
    ),
    "override_delete": _shared(
        "DELETE",
        "/resources/{resource}/overrides/{id}",
        "override",
        "resource:update",
        fine=(204,),
        used_up=True,
    ),
    "availability_get": _shared(
        "GET", "/resources/{id}/availability?date={day}", "resource", "availability:read"
    ),
    "availability_search": Operation(
        "GET", "/resources/availability?date={day}&duration_minutes=60", ("availability:read",)
    ),
    "role_create": Operation(
        "POST",
        "/users/roles/",
        ("role:manage",),
        body={"name": "R {n}", "permissions": ["tenant:read"]},
        fine=(201,),
    ),
    "role_list": Operation("GET", "/users/roles/", ("tenant:read",)),
    **_lifecycle("/users/roles", "role", "tenant:read", *["role:manage"] * 2),
    "permission_list": Operation("GET", "/users/permissions", (ANYONE,)),
    "user_create": Operation(
        "POST",
        "/users/",
        ("user:create",),
        body={"email": "u{n}@people.example", "name": "U"},
        fine=(201,),
    ),
    "user_list": Operation("GET", "/users/", ("user:read:any",)),
    **_lifecycle("/users", "user", "user:read:any", "user:update:any", "user:delete"),
    "user_get": Operation(
        "GET", "/users/{id}", ("user:read:any",), ("user:read:own",), about="user", whose=ALL
    ),
    "user_export": Operation(
        "GET",
        "/users/{id}/export",
        ("audit:read",),
        ("user:read:own", "user:read:any"),
        ("user:read:any",),
        about="user",
        whose=ALL,
    ),
    **{
        f"user_{verb}_calendar_token": Operation(
            method,
            "/users/{id}/calendar-token",
            ("user:update:any",),
            ("user:update:own",),
            ("user:read:any",),
            fine=(status,),
            about="user",
            whose=ALL,
        )
        for verb, method, status in (("mint", "POST", 201), ("revoke", "DELETE", 204))
    },
    "user_preferences": Operation(
        "GET",
        PREFERENCES,
        ("user:read:any",),
        ("user:read:own",),
        about="user",
        whose=ALL,
    ),
    "user_set_preferences": Operation(
        "PUT",
        PREFERENCES,
        ("user:update:any",),
        ("user:update:own",),
        ("user:read:any",),
        body={"email": {"booking.moved": False}},
        about="user",
        whose=ALL,
    ),
    "user_erase": _shared("POST", "/users/{id}/erase", "user", "user:delete", used_up=True),
    "user_update": Operation(
        "PATCH",
        "/users/{id}",
        ("user:update:any",),
        ("user:update:own",),
        ("user:read:any",),
        body={"name": "Another {n}"},
        about="user",
        whose=ALL,
    ),
    "booking_create": _booked(
        "POST", f"{BOOKINGS}/", "create", "", body=_SLOT, fine=(201,), names=True
    ),
    "booking_create_batch": _booked(
        "POST",
        f"{BOOKINGS}/batch",
        "create",
        "",
        body={"bookings": [_SLOT], "atomic": False},
        names=True,
    ),
    "booking_list": Operation(
        "GET", f"{BOOKINGS}/", ("booking:read:any",), ("booking:read:own",), whose=("own",)
    ),
    "booking_get": _booked("GET", f"{BOOKINGS}/{{id}}", "read", "booking"),
    "booking_update": _booked(
        "PATCH", f"{BOOKINGS}/{{id}}", "update", "booking", body={"notes": "{n}"}
    ),
    "booking_cancel": _booked(
        "POST", f"{BOOKINGS}/{{id}}/cancel", "cancel", "booking", used_up=True
    ),
    "booking_change_status": Operation(
        "POST",
        f"{BOOKINGS}/{{id}}/status",
        ("booking:confirm",),
        # One's own hold is one's own to confirm.
        ("booking:update:own",),
        ("booking:read:any",),
        body={"status": "confirmed"},
        about="hold",
        whose=ALL,
        used_up=True,
    ),
    "booking_extend_hold": _booked(
        "POST", f"{BOOKINGS}/{{id}}/extend-hold", "update", "hold", used_up=True
    ),
    "booking_notifications": _booked("GET", f"{BOOKINGS}/{{id}}/notifications", "read", "booking"),
    "booking_history": _booked("GET", f"{BOOKINGS}/{{id}}/history", "read", "booking"),
    "series_create": _booked(
        "POST", f"{SERIES}/", "create", "", body=_PATTERN, fine=(201,), names=True
    ),
    "series_preview": _booked("POST", f"{SERIES}/preview", "create", "", body=_PATTERN, names=True),
    "series_get": _booked("GET", f"{SERIES}/{{id}}", "read", "series"),
    "series_update": _booked(
        "PATCH",
        f"{SERIES}/{{id}}",
        "update",
        "series",
        body={"scope": "all", "notes": "{n}"},
    ),
    "series_cancel": _booked(
        "POST", f"{SERIES}/{{id}}/cancel", "cancel", "series", body={"scope": "all"}, used_up=True
    ),
    "series_retry_skipped": _booked("POST", f"{SERIES}/{{id}}/retry-skipped", "create", "series"),
    "waitlist_join": _booked(
        "POST",
        f"{WAITLIST}/",
        "create",
        "",
        body={
            "resource_id": "{resource}",
            "from": "{start}",
            "to": "{end}",
            "duration_minutes": 60,
        },
        fine=(201,),
        names=True,
        # Somebody has to be told when their turn comes.
        machines=False,
    ),
    "event_follow": Operation(
        "GET",
        "/reservations/events",
        ("booking:read:any",),
        ("booking:read:own",),
        whose=("own",),
    ),
    **{
        f"report_{name.replace('-', '_')}": Operation(
            "GET",
            f"/reservations/reports/{name}?from=2026-01-01&to=2026-01-31",
            ("report:read",),
            whose=("own",),
        )
        for name in ("occupancy", "bookings", "cancellations", "no-shows")
    },
    "waitlist_list": Operation(
        "GET", f"{WAITLIST}/", ("booking:read:any",), ("booking:read:own",), whose=("own",)
    ),
    "waitlist_get": _booked("GET", f"{WAITLIST}/{{id}}", "read", "entry"),
    "waitlist_leave": _booked(
        "DELETE", f"{WAITLIST}/{{id}}", "cancel", "entry", fine=(204,), used_up=True
    ),
    "operation_get": Operation(
        "GET", "/operations/{context}/{id}", (OWNER,), (ANYONE,), about="operation", whose=ALL
    ),
}
