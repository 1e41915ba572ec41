"""For every operation requests that do something, in the words of the house that makes them.

`{word}` is a place where another house's word could stand; see `places`. A new operation is given
its requests here.
"""

# long: the table of requests.

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from tests.e2e.house import PASSWORD, day_ahead
from tests.e2e.series import WEEKLY
from tests.e2e.twin_houses import hour

_NUMBERS = count(1)
_WORD = re.compile(r"\{(\w+)\}")
Json = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Asking:
    """`done` are the statuses that its own words come to; `by` is the `owner`, or `nobody` who has
    not signed in."""

    path: str
    body: Json | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    done: tuple[int, ...] = (200, 201, 202, 204)
    by: str = "owner"

    @property
    def document(self) -> Json:
        """All of it; each step of the path is a place of its own."""
        return {"path": self.path.split("/"), "query": dict(self.query), "body": self.body}


@dataclass(frozen=True)
class Place:
    """Where in a request a word stands, and which."""

    path: Path
    name: str

    @property
    def field(self) -> str:
        """The name of the field, or of the word for a step of the path."""
        if self.path[0] == "path":
            return self.name
        return str([step for step in self.path if isinstance(step, str)][-1])


# No step of a request.
NOWHERE = Place(("",), "")


def places(document: Json, words: Mapping[str, str]) -> Iterator[Place]:
    """Every place of the request where one of these words is to stand."""
    for path, leaf in _leaves(document, ()):
        for name in _WORD.findall(leaf):
            if name in words:
                yield Place(path, name)


def filled(document: Any, words: Mapping[str, str], place: Place = NOWHERE, word: str = "") -> Any:
    """The request in these words, and with another at this place."""
    return _filled(document, words, place.path, place.name, word)


def _filled(value: Any, words: Mapping[str, str], rest: Path | None, name: str, word: str) -> Any:
    if isinstance(value, str):
        there = {**words, name: word} if rest == () else words
        return _WORD.sub(lambda found: there.get(found[1]) or _new(found[1]), value)
    if isinstance(value, dict):
        steps: Any = value.items()
    elif isinstance(value, list | tuple):
        steps = enumerate(value)
    else:
        return value
    inner = {
        step: _filled(one, words, rest[1:] if rest and rest[0] == step else None, name, word)
        for step, one in steps
    }
    return inner if isinstance(value, dict) else list(inner.values())


def _new(kind: str) -> str:
    """What no request has said before."""
    number = next(_NUMBERS)
    return {
        "n": str(number),
        "day": str(day_ahead(400 + number)),
        "start": hour(50 + 2 * number)["starts_at"],
        "end": hour(50 + 2 * number)["ends_at"],
        "slug_n": f"new-{uuid4().hex[:10]}",
    }[kind]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))


FORBIDDEN = (403,)
SLOT = {"starts_at": "{start}", "ends_at": "{end}"}
WAIT = {"from": hour(0)["starts_at"], "to": hour(2)["ends_at"], "duration_minutes": 60}
BOOKINGS, SERIES, WAITLIST = (
    f"/reservations/{kind}" for kind in ("bookings", "series", "waitlist")
)
T = "/tenants/{tenant}"
TEXT = f"{T}/notification-templates/booking.moved/email/en"


def _booking(identity: str) -> Json:
    return {
        "id": identity,
        "resource_id": "{resource}",
        "additional_resource_ids": ["{second}"],
        "user_id": "{user}",
        **SLOT,
    }


def _series(**more: Any) -> Json:
    pattern = {**WEEKLY, "count": 2}
    return {
        "resource_id": "{resource}",
        "user_id": "{user}",
        "recurring_pattern": pattern,
        **SLOT,
        **more,
    }


def _open(path: str, body: Json | None = None, *done: int, **query: Any) -> Asking:
    return Asking(path, body, query, done or (200, 202, 204), "nobody")


def _lifecycle(kind: str, path: str, word: str, to_delete: str, gone: str) -> dict[str, Any]:
    return {
        f"{kind}_get": [Asking(f"{path}/{{{word}}}")],
        f"{kind}_update": [Asking(f"{path}/{{{word}}}", {"name": "Name {n}"})],
        f"{kind}_delete": [Asking(f"{path}/{{{to_delete}}}")],
        f"{kind}_restore": [Asking(f"{path}/{{{gone}}}/restore")],
    }


PERIOD: Json = {"from": str(day_ahead(30)), "to": str(day_ahead(33))}

_ALL = {"event_types": ["*"]}
REQUESTS: dict[str, list[Asking]] = {
    "health": [_open("/health")],
    "ready": [_open("/ready")],
    "metrics": [_open("/metrics")],
    "state": [_open("/state")],
    "asyncapi": [_open("/asyncapi.json")],
    "jwks": [_open("/.well-known/jwks.json")],
    **{
        f"{room}_openapi": [_open(f"/{room}/openapi.json")]
        for room in ("tenants", "resources", "users", "reservations")
    },
    # Whose page it is, is what everybody may know: the slug is said to strangers.
    "public_get": [_open("/public/{own_slug}")],
    "public_resources": [
        _open("/public/{own_slug}/resources", category_id="{category}"),
        _open("/public/{own_slug}/resources", cursor="{cursor_public_resources}"),
    ],
    "public_availability": [
        Asking("/public/{own_slug}/resources/{resource}/availability", query=PERIOD, by="nobody")
    ],
    "auth_token": [
        _open("/auth/token", {"tenant": "{slug}", "email": "{email}", "password": PASSWORD})
    ],
    "auth_refresh": [_open("/auth/refresh", {"refresh_token": "none"}, 401)],
    "auth_logout": [_open("/auth/logout", {"refresh_token": "none"})],
    "auth_forgot_password": [
        _open("/auth/password/forgot", {"tenant": "{slug}", "email": "no@x.example"})
    ],
    "auth_reset_password": [
        _open("/auth/password/reset", {"code": "none", "new_password": "a b c d e f g"}, 400)
    ],
    "auth_register": [_open("/auth/register", {"tenant": "{slug}", "email": "{email}"})],
    "auth_confirm_registration": [
        _open("/auth/register/confirm", {"code": "none", "name": "N", "password": PASSWORD}, 400)
    ],
    "auth_me": [Asking("/auth/me")],
    "auth_change_password": [
        Asking(
            "/auth/password/change",
            {"current_password": PASSWORD, "new_password": "short"},
            done=(400,),
        )
    ],
    "auth_change_email": [
        Asking("/auth/email/change", {"email": "u{n}@people.example", "current_password": PASSWORD})
    ],
    "auth_confirm_email": [Asking("/auth/email/confirm", {"code": "none"}, done=(400,))],
    "apikey_create": [
        Asking("/auth/api-keys/", {"id": "{taken_apikey}", "name": "k", "scopes": ["tenant:read"]})
    ],
    "apikey_list": [Asking("/auth/api-keys/", query={"cursor": "{cursor_apikeys}"})],
    "apikey_delete": [Asking("/auth/api-keys/{apikey}")],
    # ---- the tenant
    "tenant_create": [
        Asking(
            "/tenants/",
            {
                "name": "T",
                "slug": "{slug_n}",
                "owner": {"email": "o@x.example", "name": "O", "password": PASSWORD},
            },
            done=FORBIDDEN,
        )
    ],
    "tenant_list": [Asking("/tenants/", done=FORBIDDEN)],
    "tenant_get": [Asking(T)],
    "tenant_update": [Asking(T, {"name": "House {n}"})],
    "tenant_delete": [Asking(T, done=FORBIDDEN)],
    "tenant_restore": [Asking(f"{T}/restore", done=FORBIDDEN)],
    "tenant_suspend": [Asking(f"{T}/suspend", done=FORBIDDEN)],
    "tenant_resume": [Asking(f"{T}/resume", done=FORBIDDEN)],
    "settings_get": [Asking(f"{T}/settings")],
    "settings_update": [Asking(f"{T}/settings", {"locale": "en"})],
    "labels_get": [Asking(f"{T}/labels")],
    "labels_set": [Asking(f"{T}/labels", {"booking": "Visit"})],
    "branding_get": [Asking(f"{T}/branding")],
    "branding_set": [Asking(f"{T}/branding", {"display_name": "H"})],
    "closure_list": [Asking(f"{T}/closures/")],
    "closure_create": [
        Asking(f"{T}/closures/", {"id": "{taken_closure}", "date": "{day}", "reason": "C"})
    ],
    "closure_delete": [Asking(f"{T}/closures/{{closure}}")],
    "webhook_create": [
        Asking(f"{T}/webhooks/", {"id": "{taken_webhook}", "url": "https://hooks.invalid/", **_ALL})
    ],
    "webhook_list": [Asking(f"{T}/webhooks/", query={"cursor": "{cursor_webhooks}"})],
    "webhook_get": [Asking(f"{T}/webhooks/{{webhook}}")],
    "template_list": [Asking(f"{T}/notification-templates/")],
    "template_get": [Asking(TEXT)],
    "template_set": [Asking(TEXT, {"subject": "New", "body": "Name {n}: {{ booking.when }}"})],
    "template_reset": [Asking(TEXT)],
    "template_preview": [Asking(f"{TEXT}/preview", {"body": "Name {n}"})],
    "webhook_update": [Asking(f"{T}/webhooks/{{webhook}}", {"event_types": ["user.*"]})],
    "webhook_delete": [Asking(f"{T}/webhooks/{{webhook_to_delete}}")],
    "webhook_rotate_secret": [Asking(f"{T}/webhooks/{{webhook}}/rotate-secret")],
    "webhook_test": [Asking(f"{T}/webhooks/{{webhook}}/test")],
    "webhook_deliveries": [
        Asking(f"{T}/webhooks/{{webhook}}/deliveries/", query={"cursor": "{cursor_deliveries}"})
    ],
    "webhook_redeliver_range": [
        Asking(
            f"{T}/webhooks/{{webhook}}/deliveries/redeliver",
            {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
        )
    ],
    "webhook_redeliver": [Asking(f"{T}/webhooks/{{webhook}}/deliveries/{{delivery}}/redeliver")],
    "audit_list": [
        Asking(f"{T}/audit/", query={"actor": "user:{owner}", "limit": 200}),
        Asking(f"{T}/audit/", query={"subject": "booking/{booking}"}),
        Asking(f"{T}/audit/", query={"cursor": "{cursor_audit}"}),
    ],
    "usage": [Asking(f"{T}/usage", query=PERIOD)],
    "statement": [Asking(f"{T}/statements/{{own_month}}", query={"cursor": "{cursor_statement}"})],
    # ---- resources
    "category_create": [
        Asking("/resources/categories/", {"id": "{taken_category}", "name": "C {n}"})
    ],
    "category_list": [Asking("/resources/categories/", query={"cursor": "{cursor_categories}"})],
    **_lifecycle("category", "/resources/categories", "category", "free_category", "category_gone"),
    "resource_create": [
        Asking(
            "/resources/",
            {
                "id": "{taken_resource}",
                "name": "R {n}",
                "kind": "space",
                "category_id": "{category}",
            },
        )
    ],
    "resource_list": [
        Asking("/resources/", query={"category_id": "{category}"}),
        Asking("/resources/", query={"q": "canary", "limit": 200, "include_deleted": "true"}),
        Asking("/resources/", query={"cursor": "{cursor_resources}"}),
    ],
    **_lifecycle("resource", "/resources", "resource", "spare", "resource_gone"),
    "resource_update": [
        Asking("/resources/{resource}", {"name": "R {n}", "category_id": "{category}"})
    ],
    **{
        f"{kind}_{verb}_calendar_token": [Asking(f"/{kind}s/{{{kind}}}/calendar-token")]
        for kind in ("resource", "user")
        for verb in ("mint", "revoke")
    },
    # Its own token opens a feed, and another's object not: test_feeds_reservation.py.
    "resource_calendar": [_open("/resources/{resource}/calendar.ics", None, 404, token="none")],
    "user_calendar": [_open("/users/{user}/calendar.ics", None, 404, token="none")],
    "override_list": [Asking("/resources/{resource}/overrides/")],
    "override_create": [
        Asking(
            "/resources/{resource}/overrides/",
            {"id": "{taken_override}", "date": "{day}", "closed": True},
        )
    ],
    "override_delete": [Asking("/resources/{resource}/overrides/{override}")],
    "availability_get": [
        Asking(
            "/resources/{resource}/availability",
            query={**PERIOD, "exclude_booking_id": "{booking}"},
        )
    ],
    "availability_search": [
        Asking("/resources/availability", query={**PERIOD, "category_id": "{category}"}),
        Asking(
            "/resources/availability",
            query={"date": str(day_ahead(40)), "cursor": "{cursor_availability}"},
        ),
    ],
    # ---- people
    "role_create": [
        Asking(
            "/users/roles/",
            {"id": "{taken_role}", "name": "R {n}", "permissions": ["tenant:read"]},
        )
    ],
    "role_list": [Asking("/users/roles/", query={"cursor": "{cursor_roles}"})],
    **_lifecycle("role", "/users/roles", "role", "role", "role_gone"),
    "permission_list": [Asking("/users/permissions")],
    "user_create": [
        Asking(
            "/users/",
            {
                "id": "{taken_user}",
                "email": "u{n}@people.example",
                "name": "U",
                "roles": ["{role_name}"],
            },
        )
    ],
    "user_list": [
        Asking("/users/", query={"role": "{role_name}"}),
        Asking("/users/", query={"q": "{email}", "include_deleted": "true"}),
        Asking("/users/", query={"q": "canary", "limit": 200}),
        Asking("/users/", query={"cursor": "{cursor_users}"}),
    ],
    **_lifecycle("user", "/users", "user", "colleague", "user_gone"),
    "user_update": [Asking("/users/{user}", {"name": "U {n}", "roles": ["{role_name}"]})],
    "user_preferences": [Asking("/users/{user}/notification-preferences")],
    "user_set_preferences": [
        Asking("/users/{user}/notification-preferences", {"sms": {"booking.moved": True}})
    ],
    "user_export": [
        Asking("/users/{user}/export"),
        Asking("/users/{user}/export", query={"cursor": "{cursor_users}"}, done=(400,)),
    ],
    "user_erase": [Asking("/users/{to_erase}/erase")],
    # ---- bookings
    "booking_create": [
        Asking(f"{BOOKINGS}/", _booking("{taken_booking}")),
        Asking(f"{BOOKINGS}/", {"category_id": "{category}", **SLOT}),
    ],
    "booking_create_batch": [
        Asking(f"{BOOKINGS}/batch", {"bookings": [_booking("{taken_in_batch}")], "atomic": False}),
        Asking(f"{BOOKINGS}/batch", {"bookings": [{"category_id": "{category}", **SLOT}]}),
    ],
    "booking_list": [
        *(
            Asking(f"{BOOKINGS}/", query={name: word})
            for name, word in (
                ("resource_id", "{resource}"),
                ("user_id", "{user}"),
                ("category_id", "{category}"),
                ("series_id", "{series}"),
                ("cursor", "{cursor_bookings}"),
            )
        ),
        Asking(f"{BOOKINGS}/", query={"q": "canary", "limit": 200}),
    ],
    "booking_get": [Asking(f"{BOOKINGS}/{{booking}}")],
    "booking_update": [
        Asking(f"{BOOKINGS}/{{booking}}", {"resource_id": "{second}", "notes": "other"})
    ],
    "booking_cancel": [Asking(f"{BOOKINGS}/{{to_cancel}}/cancel")],
    "booking_change_status": [
        Asking(f"{BOOKINGS}/{{hold_to_confirm}}/status", {"status": "confirmed"})
    ],
    "booking_extend_hold": [Asking(f"{BOOKINGS}/{{hold}}/extend-hold", done=(200, 409))],
    "booking_notifications": [Asking(f"{BOOKINGS}/{{booking}}/notifications")],
    "booking_history": [
        Asking(f"{BOOKINGS}/{{booking}}/history"),
        Asking(f"{BOOKINGS}/{{booking}}/history", query={"cursor": "{cursor_history}"}),
    ],
    "event_follow": [Asking("/reservations/events")],
    "series_preview": [Asking(f"{SERIES}/preview", _series(id="{taken_series}"))],
    "series_create": [Asking(f"{SERIES}/", _series(id="{taken_series}"))],
    "series_get": [Asking(f"{SERIES}/{{series}}")],
    "series_update": [
        Asking(
            f"{SERIES}/{{series}}",
            {"scope": "following", "booking_id": "{booking_of_series}", "notes": "other"},
        ),
        Asking(f"{SERIES}/{{series}}", {"scope": "all", "notes": "another"}),
    ],
    "series_cancel": [
        Asking(
            f"{SERIES}/{{series_to_cancel}}/cancel",
            {"scope": "this", "booking_id": "{booking_of_series_to_cancel}"},
        ),
        Asking(f"{SERIES}/{{series_to_cancel}}/cancel", {"scope": "all"}),
    ],
    "series_retry_skipped": [Asking(f"{SERIES}/{{series}}/retry-skipped")],
    "waitlist_join": [
        Asking(
            f"{WAITLIST}/",
            {"id": "{taken_entry}", "resource_id": "{resource}", "user_id": "{user}", **WAIT},
        ),
        Asking(f"{WAITLIST}/", {"category_id": "{category}", "user_id": "{user}", **WAIT}),
    ],
    **{
        f"report_{name.replace('-', '_')}": [
            Asking(
                f"/reservations/reports/{name}",
                query={"from": "2026-11-01", "to": "2026-12-31", "group_by": "resource"},
            )
        ]
        for name in ("occupancy", "bookings", "cancellations", "no-shows")
    },
    "waitlist_list": [
        *(
            Asking(f"{WAITLIST}/", query={name: word})
            for name, word in (
                ("resource_id", "{resource}"),
                ("user_id", "{user}"),
                ("category_id", "{category}"),
                ("cursor", "{cursor_waitlist}"),
            )
        ),
    ],
    "waitlist_get": [Asking(f"{WAITLIST}/{{entry}}")],
    "waitlist_leave": [Asking(f"{WAITLIST}/{{entry_to_leave}}")],
    "operation_get": [Asking("/operations/user/{operation}")],
}

# Fields that need no request, and why.
FREE = {
    ("public_availability", "exclude_booking_id"): "strangers cannot say it: 400 unknown_field",
    ("settings_update", "id"): "the id of a closure, as in closure_create",
    ("tenant_create", "id"): "the platform alone makes tenants, and it sees them all",
    ("tenant_list", "cursor"): "the platform's alone: no tenant has one",
}
