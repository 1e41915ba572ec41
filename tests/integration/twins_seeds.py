"""For every type of message one that does something, in the words of the tenant that sends it.

Each word of the tenant that stands in a message is a place where another tenant's could stand; see
`places`. A new type is given its seed here.
"""

# long: the table of seeds.

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from tests.integration.reservation.salon import morning
from tests.integration.twins_tenants import PASSWORD, WEEKLY, Twin, moment, slot

_NUMBERS = count(1)
DONE = (200, 201, 202, 204)
Fields = dict[str, Any]


@dataclass(frozen=True)
class Seed:
    """`fields` is the message for a tenant; `by` whose it is: its owner's, the `system`'s, or that
    of a `stranger`, the `platform` or the `installation`, who have no tenant. `done` is what its
    own words come to. `new` are words that are to name what is made, and so must not name anything
    yet."""

    fields: Callable[[Twin], Fields]
    by: str = "owner"
    done: tuple[int, ...] = DONE
    new: tuple[str, ...] = ()


def owner(fields: Callable[[dict[str, str]], Fields], **more: Any) -> Seed:
    return Seed(lambda twin: fields(twin.words), **more)


def system(fields: Callable[[dict[str, str]], Fields], **more: Any) -> Seed:
    return Seed(lambda twin: fields(twin.words), by="system", **more)


def stranger(fields: Callable[[Twin], Fields], **more: Any) -> Seed:
    return Seed(fields, by="stranger", **more)


def _one(name: str, word: str, /, **more: Any) -> Seed:
    """About one object, and says no more."""
    return owner(lambda w: {name: w[word], **more})


def _listed(cursor: str, **more: str) -> list[Seed]:
    """A list, filtered by these words, and the page after a cursor."""
    return [
        owner(lambda w: {name: w[word] for name, word in more.items()}),
        owner(lambda w: {"cursor": w[f"cursor of {cursor}"]}),
    ]


_HOOK = {"url": "https://hooks.example/", "event_types": ["*"]}


def _hook_of(w: dict[str, str]) -> Fields:
    return {"tenant_id": w["tenant"], "webhook_id": w["webhook"]}


def _at_hook(**more: Any) -> Seed:
    """About an endpoint."""
    return owner(lambda w: {**_hook_of(w), **more})


_TEXT = {"event": "booking.moved", "channel": "email", "locale": "en"}


def _about_text(**more: Any) -> Seed:
    """About one of the tenant's own texts."""
    return owner(lambda w: {"tenant_id": w["tenant"], **_TEXT, **more})


def _named(word: str) -> str:
    """A name that nobody has had."""
    return f"{word} word {next(_NUMBERS)}"


def _free_hour() -> dict[str, str]:
    return slot(40 + next(_NUMBERS))


def _day() -> str:
    return str((morning(400) + timedelta(days=next(_NUMBERS))).date())


def _asked_by(w: dict[str, str]) -> Fields:
    return {"kind": "user", "id": w["owner"], "roles": ["owner"]}


def _booking(w: dict[str, str], **more: Any) -> Fields:
    return {
        "id": w["booking"],
        "resource_id": w["resource"],
        "additional_resource_ids": [w["second"]],
        "user_id": w["user"],
        **_free_hour(),
        **more,
    }


def _series(w: dict[str, str]) -> Fields:
    return {
        "id": w["series"],
        "resource_id": w["resource"],
        "user_id": w["user"],
        "recurring_pattern": WEEKLY,
        **_free_hour(),
    }


def _wait(w: dict[str, str], **more: str) -> Fields:
    line = {"from": slot(0)["starts_at"], "to": slot(1)["ends_at"], "duration_minutes": 60}
    return {"id": w["entry"], "user_id": w["user"], **line, **more}


def _changed(w: dict[str, str], **more: Any) -> Fields:
    """What contexts tell each other of a resource that changes."""
    return {
        "change_id": w["change"],
        "resource_id": w["resource"],
        "version": 1,
        "requested_by": _asked_by(w),
        **more,
    }


def _export(kind: str) -> Callable[[Twin], Fields]:
    return lambda twin: {"user_id": twin.words["user"], "kind": kind}


def _opening(kind: str) -> Seed:
    """With the token of a feed that is its own."""
    return Seed(
        lambda twin: {f"{kind}_id": twin.words[kind], "token": twin.secrets[f"feed of {kind}"]},
        by="system",
    )


ANSWER: Fields = {"status": 200, "body": {"any": "thing"}}
NEW_PASSWORD = "a wholly different phrase"
PERIOD = {"from": str(morning(30).date()), "to": str(morning(33).date())}

SEEDS: dict[str, list[Seed]] = {
    # ---- people
    "apikey.create": [
        owner(
            lambda w: {"id": w["apikey"], "name": _named("key"), "scopes": ["tenant:read"]},
            new=("apikey",),
        )
    ],
    "apikey.delete": [_one("apikey_id", "apikey")],
    "apikey.list": _listed("apikey.list"),
    "apikey.mark_used": [system(lambda w: {"apikey_id": w["apikey"]})],
    "apikey.verify": [Seed(lambda twin: {"key": twin.secrets["key"]}, by="system")],
    "auth.change_password": [
        Seed(lambda _: {"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    ],
    "auth.change_email": [owner(lambda w: {"email": w["email"], "current_password": PASSWORD})],
    "auth.confirm_email": [owner(lambda _: {"code": "none"}, done=(400,))],
    "auth.confirm_registration": [
        stranger(lambda _: {"code": "none", "name": "Caio", "password": PASSWORD}, done=(400,))
    ],
    "auth.forgot_password": [
        stranger(lambda t: {"tenant": t.words["slug"], "email": t.words["email"]})
    ],
    "auth.logout": [stranger(lambda t: {"refresh_token": t.secrets["refresh to end"]})],
    "auth.me": [owner(lambda _: {})],
    "auth.refresh": [stranger(lambda t: {"refresh_token": t.secrets["refresh"]})],
    "auth.register": [stranger(lambda t: {"tenant": t.words["slug"], "email": t.words["email"]})],
    "auth.reset_password": [
        stranger(lambda t: {"code": t.secrets["code"], "new_password": NEW_PASSWORD})
    ],
    "auth.token": [
        stranger(
            lambda t: {
                "tenant": t.words["slug"],
                "email": t.words["email"],
                "password": PASSWORD,
            }
        )
    ],
    "operation.get": [_one("operation_id", "operation")],
    "role.create": [
        owner(
            lambda w: {"id": w["role"], "name": _named("role"), "permissions": ["tenant:read"]},
            new=("role",),
        )
    ],
    "role.delete": [_one("role_id", "role")],
    "role.get": [_one("role_id", "role")],
    "role.restore": [_one("role_id", "role gone")],
    "role.update": [owner(lambda w: {"role_id": w["role"], "name": _named("role")})],
    "user.create": [
        owner(
            lambda w: {
                "id": w["user"],
                "email": f"u{next(_NUMBERS)}@people.example",
                "name": _named("user"),
                "roles": [w["role_name"]],
            },
            new=("user",),
        )
    ],
    "user.create_owner": [
        system(
            lambda w: {
                "user_id": w["user"],
                "creation_id": w["operation"],
                "slug": f"new-{next(_NUMBERS)}",
                "email": f"o{next(_NUMBERS)}@people.example",
                "name": _named("owner"),
                "password": PASSWORD,
            },
            new=("user",),
        )
    ],
    "user.complete_erasure": [
        system(
            lambda w: {
                "change_id": w["operation"],
                "user_id": w["user erased"],
                "requested_by": _asked_by(w),
            }
        )
    ],
    "user.delete": [_one("user_id", "colleague")],
    "user.ensure_platform_admin": [
        Seed(
            lambda t: {"email": t.words["email"], "password": PASSWORD},
            by="installation",
        )
    ],
    "user.list_platform_admins": [Seed(lambda _: {}, by="installation")],
    "user.set_platform_admin": [
        Seed(
            lambda t: {"email": t.words["email"], "active": False},
            by="installation",
            done=(404,),
        )
    ],
    "user.erase": [_one("user_id", "colleague")],
    "user.mint_calendar_token": [_one("user_id", "user")],
    "user.revoke_calendar_token": [_one("user_id", "user")],
    "user.verify_calendar_token": [_opening("user")],
    "user.export": [
        _one("user_id", "user"),
        owner(lambda w: {"user_id": w["user"], "cursor": w["cursor of user.export"]}),
    ],
    "user.get": [_one("user_id", "user")],
    "user.get_notification_preferences": [_one("user_id", "user")],
    "user.set_notification_preferences": [
        _one("user_id", "user", sms={"booking.moved": True}, reminder_minutes_before=[30])
    ],
    "user.list": [
        owner(lambda w: {"role": w["role_name"]}),
        owner(lambda w: {"q": w["email"]}),
        owner(lambda w: {"cursor": w["cursor of user.list"], "include_deleted": True}),
    ],
    "user.permissions": [owner(lambda _: {})],
    "user.restore": [_one("user_id", "user gone")],
    "user.roles": _listed("user.roles"),
    "user.update": [
        owner(lambda w: {"user_id": w["user"], "name": _named("user"), "roles": [w["role_name"]]}),
        owner(lambda w: {"user_id": w["user"], "email": f"e{next(_NUMBERS)}@people.example"}),
    ],
    # ---- the tenant
    "closure.create": [
        owner(
            lambda w: {
                "tenant_id": w["tenant"],
                "closure": {"id": w["closure"], "date": _day(), "reason": _named("closed")},
            },
            new=("closure",),
        )
    ],
    "closure.delete": [owner(lambda w: {"tenant_id": w["tenant"], "closure_id": w["closure"]})],
    "closure.import": [
        owner(
            lambda w: {
                "tenant_id": w["tenant"],
                "calendar": "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nEND:VCALENDAR\n",
            }
        )
    ],
    "closure.list": [_one("tenant_id", "tenant")],
    "tenant.answer_change": [
        system(lambda w: {"tenant_id": w["tenant"], "change_id": w["tenant change"], **ANSWER})
    ],
    "tenant.complete_provisioning": [
        system(lambda w: {"tenant_id": w["tenant"], "creation_id": w["operation"]})
    ],
    "tenant.create": [
        Seed(
            lambda _: {
                "name": _named("tenant"),
                "slug": f"new-{uuid4().hex[:10]}",
                "owner": {"email": "o@people.example", "name": "O", "password": PASSWORD},
            },
            by="platform",
        )
    ],
    "tenant.delete": [_one("tenant_id", "tenant")],
    "tenant.get": [_one("tenant_id", "tenant")],
    "tenant.get_branding": [_one("tenant_id", "tenant")],
    "tenant.get_labels": [_one("tenant_id", "tenant")],
    "tenant.get_public": [stranger(lambda _: {"slug": "no-such-slug"}, done=(404,))],
    "tenant.get_settings": [_one("tenant_id", "tenant")],
    "tenant.list": [owner(lambda _: {"limit": 200})],
    "tenant.restore": [owner(lambda w: {"tenant_id": w["tenant"]}, done=(409,))],
    "tenant.resume": [_one("tenant_id", "tenant")],
    "tenant.set_branding": [_one("tenant_id", "tenant", branding={"display_name": "H"})],
    "tenant.set_labels": [_one("tenant_id", "tenant", labels={"booking": "Visit"})],
    "tenant.suspend": [_one("tenant_id", "tenant")],
    "tenant.update": [_one("tenant_id", "tenant", name="Another name")],
    "tenant.update_settings": [_one("tenant_id", "tenant", patch={"locale": "en"})],
    # ---- resources
    "category.create": [
        owner(lambda w: {"id": w["category"], "name": _named("category")}, new=("category",))
    ],
    "category.delete": [_one("category_id", "free category")],
    "category.get": [_one("category_id", "category")],
    "category.list": _listed("category.list"),
    "category.list_public": [owner(lambda _: {})],
    "category.restore": [_one("category_id", "category gone")],
    "category.update": [
        owner(lambda w: {"category_id": w["category"], "name": _named("category")})
    ],
    "override.create": [
        owner(
            lambda w: {
                "id": w["override"],
                "resource_id": w["resource"],
                "override": {"date": _day(), "closed": True},
            },
            new=("override",),
        )
    ],
    "override.delete": [
        owner(lambda w: {"resource_id": w["resource"], "override_id": w["override"]})
    ],
    "override.list": [_one("resource_id", "resource")],
    "resource.answer_change": [system(lambda w: {"change_id": w["change"], **ANSWER})],
    "resource.complete_deletion": [system(lambda w: _changed(w, cancel_bookings=False))],
    "resource.complete_restoration": [
        system(lambda w: {**_without_version(_changed(w)), "resource_id": w["resource gone"]})
    ],
    "resource.complete_update": [
        system(
            lambda w: _changed(w, update={"resource_id": w["resource"], "name": _named("other")})
        )
    ],
    "resource.create": [
        owner(
            lambda w: {
                "id": w["resource"],
                "name": _named("resource"),
                "kind": "space",
                "category_id": w["category"],
            },
            new=("resource",),
        )
    ],
    "resource.delete": [
        owner(lambda w: {"resource_id": w["spare"], "cancel_bookings": True}),
    ],
    "resource.get": [_one("resource_id", "resource")],
    "resource.list": _listed("resource.list", category_id="category"),
    "resource.list_public": _listed("resource.list_public", category_id="category"),
    "resource.mint_calendar_token": [_one("resource_id", "resource")],
    "resource.revoke_calendar_token": [_one("resource_id", "resource")],
    "resource.verify_calendar_token": [_opening("resource")],
    "resource.restore": [_one("resource_id", "resource gone")],
    "resource.update": [
        owner(lambda w: {"resource_id": w["resource"], "category_id": w["category"]}),
        # A smaller capacity is asked of reservation first.
        owner(lambda w: {"resource_id": w["resource"], "capacity": 900}),
    ],
    # ---- bookings
    "availability.get": [
        owner(
            lambda w: {"resource_id": w["resource"], "exclude_booking_id": w["booking"], **PERIOD}
        )
    ],
    "availability.search": [
        owner(lambda w: {"category_id": w["category"], **PERIOD}),
        owner(lambda w: {"cursor": w["cursor of availability.search"], **PERIOD}),
    ],
    "booking.cancel": [_one("booking_id", "booking to end")],
    "booking.change_status": [_one("booking_id", "hold", status="confirmed")],
    "booking.create": [
        owner(_booking, new=("booking",)),
        owner(
            lambda w: {"category_id": w["category"], **_free_hour()},
        ),
    ],
    "booking.create_batch": [
        owner(lambda w: {"bookings": [_booking(w)]}, new=("booking",)),
        owner(lambda w: {"bookings": [_booking(w)], "atomic": True}, new=("booking",)),
        owner(lambda w: {"bookings": [{"category_id": w["category"], **_free_hour()}]}),
    ],
    "booking.erase_person": [
        system(
            lambda w: {
                "change_id": w["operation"],
                "user_id": w["user"],
                "requested_by": _asked_by(w),
            }
        )
    ],
    "booking.export_person": [
        *(Seed(_export(kind), by="system") for kind in ("bookings", "series", "waitlist")),
        system(
            lambda w: {
                "user_id": w["user"],
                "kind": "bookings",
                "cursor": w["cursor of booking.export_person"],
            }
        ),
    ],
    "booking.expire": [system(lambda w: {"booking_id": w["hold"]})],
    "booking.extend_hold": [owner(lambda w: {"booking_id": w["hold"]}, done=(200, 409))],
    "booking.get": [_one("booking_id", "booking")],
    "booking.history": [
        _one("booking_id", "booking"),
        owner(
            lambda w: {"booking_id": w["booking"], "cursor": w["cursor of booking.history"]},
        ),
    ],
    "booking.follow": [owner(lambda _: {})],
    "booking.feed": [
        system(lambda w: {"resource_id": w["resource"]}),
        system(lambda w: {"user_id": w["user"]}),
        system(lambda w: {"user_id": w["user"], "cursor": w["cursor of booking.feed"]}),
    ],
    "booking.list": _listed(
        "booking.list",
        resource_id="resource",
        user_id="user",
        category_id="category",
        series_id="series",
    ),
    "booking.update": [
        owner(
            lambda w: {"booking_id": w["booking"], "resource_id": w["second"], "notes": "other"},
        )
    ],
    "gate.close": [system(lambda w: _changed(w, cancel_bookings=True))],
    # Two of a booking do not fit into one.
    "gate.limit": [
        system(
            lambda w: _changed(
                w, capacity=1, update={"resource_id": w["resource"], "capacity": 900}
            )
        )
    ],
    "gate.open": [system(_changed)],
    "gate.unlimit": [
        system(lambda w: {"change_id": w["change"], "resource_id": w["resource"], "version": 1})
    ],
    "hours.assess": [
        Seed(
            lambda twin: {
                "change_id": twin.words["change"],
                "owner": "resource",
                "resource": {**twin.documents["resource"], "active": False},
                **ANSWER,
            },
            by="system",
        )
    ],
    "series.cancel": [
        owner(
            lambda w: {
                "series_id": w["series"],
                "scope": "this",
                "booking_id": w["booking of series"],
            }
        ),
        owner(lambda w: {"series_id": w["series"], "scope": "all"}),
    ],
    "series.create": [owner(_series, new=("series",))],
    "series.get": [_one("series_id", "series")],
    "series.preview": [owner(_series, new=("series",))],
    "series.retry_skipped": [_one("series_id", "series")],
    "series.update": [
        owner(
            lambda w: {
                "series_id": w["series"],
                "scope": "following",
                "booking_id": w["booking of series"],
                "notes": "other",
            }
        ),
        owner(lambda w: {"series_id": w["series"], "scope": "all", "notes": "other"}),
    ],
    "waitlist.expire": [system(lambda w: {"entry_id": w["entry"]})],
    "waitlist.get": [_one("entry_id", "entry")],
    "waitlist.join": [
        owner(lambda w: _wait(w, resource_id=w["resource"]), new=("entry",)),
        owner(lambda w: _wait(w, category_id=w["category"]), new=("entry",)),
    ],
    "waitlist.leave": [_one("entry_id", "second entry")],
    "waitlist.list": [
        *_listed("waitlist.list", resource_id="resource", user_id="user"),
        owner(lambda w: {"category_id": w["category"]}),
    ],
    "waitlist.offer": [
        system(
            lambda w: {
                "resource_ids": [w["resource"], w["second"]],
                "freed_from": slot(0)["starts_at"],
                "freed_to": slot(1)["ends_at"],
                "after_id": w["entry"],
            }
        )
    ],
    "waitlist.settle": [
        system(
            lambda w: {"entry_id": w["entry"], "booking_id": w["booking"], "status": "confirmed"}
        )
    ],
    # ---- around it
    "audit.export_person": [
        system(lambda w: {"user_id": w["owner"]}),
        system(lambda w: {"user_id": w["owner"], "cursor": w["cursor of audit.export_person"]}),
    ],
    "audit.record": [
        system(
            lambda w: {
                "event_type": "permission.refused",
                "outcome": "refused",
                "requested_by": _asked_by(w),
                "subject": f"user/{w['user']}",
            }
        )
    ],
    "audit.list": [
        owner(lambda w: {"actor": f"user:{w['owner']}", "limit": 200}),
        owner(lambda w: {"subject": f"booking/{w['booking']}"}),
        owner(lambda w: {"cursor": w["cursor of audit.list"]}),
    ],
    "billing.usage": [owner(lambda _: {"from": "2026-12-01", "to": "2026-12-31"})],
    "billing.statement": [
        owner(lambda _: {"month": "2026-12"}),
        owner(lambda w: {"month": "2026-12", "cursor": w["cursor of billing.statement"]}),
    ],
    "notification.export_person": [
        system(lambda w: {"user_id": w["user"]}),
        system(
            lambda w: {
                "user_id": w["user"],
                "cursor": w["cursor of notification.export_person"],
            }
        ),
    ],
    "notification.list": [owner(lambda w: {"booking_id": w["booking"]})],
    "notification_template.list": [owner(lambda _: {})],
    "notification_template.get": [owner(lambda _: _TEXT)],
    "notification_template.set": [_about_text(body="{{ booking.when }}")],
    "notification_template.reset": [_about_text()],
    "notification_template.preview": [_about_text()],
    "webhook.create": [
        owner(lambda w: {**_HOOK, "tenant_id": w["tenant"], "id": w["webhook"]}, new=("webhook",))
    ],
    "webhook.update": [_at_hook(enabled=False)],
    "webhook.delete": [_at_hook()],
    "webhook.rotate_secret": [_at_hook()],
    "webhook.test": [_at_hook()],
    "webhook.redeliver": [
        owner(lambda w: {**_hook_of(w), "delivery_id": w["delivery"]}),
    ],
    "webhook.redeliver_range": [_at_hook(**{"from": moment(-1), "to": moment(2)})],
    "webhook.get": [_one("webhook_id", "webhook")],
    "webhook.list": _listed("webhook.list"),
    "webhook.deliveries": [
        owner(
            lambda w: {
                "webhook_id": w["webhook"],
                "cursor": w["cursor of webhook.deliveries"],
            }
        )
    ],
    **{
        f"report.{name}": [
            owner(
                lambda _: {
                    "from": moment(-30)[:10],
                    "to": moment(60)[:10],
                    "group_by": "resource",
                }
            )
        ]
        for name in ("occupancy", "bookings", "cancellations", "no_shows")
    },
    "report.survey": [system(lambda _: {"first": moment(0)[:10], "last": moment(3)[:10]})],
    "mail.send": [
        system(lambda w: {"to": w["email"], "name": "Caio", "template": "password_reset"})
    ],
}

# Places that need no seed, and why.
FREE = {
    ("tenant.create", "id"): "the platform alone makes tenants, and it sees them all",
    ("tenant.create", "settings.closures.id"): "there is nothing yet that it could name",
    ("tenant.update_settings", "patch.closures.id"): "as in closure.create",
    ("tenant.list", "cursor"): "the platform's alone: no tenant has one",
}

# The platform's list of all tenants, for which there is no filter: in a tenant of one's own
# row-level security shows that one alone.
BY_POLICY = {"tenant.list"}
_NOBODY = "names nothing that another tenant could have"
_BY_KEY = "only inserts, under a key that the tenant leads"
_BY_TOKEN = "opens nothing but what its token was made for"
_NUMBERED = "answers with numbers alone, which say nobody's name: billing/test_counting.py"
_SAME = "answers the same whatever it finds, and keeps to itself what that was"
# Types that do not meet the twin even with neither filters nor row-level security, and why.
UNSEEN = {
    "audit.record": _BY_KEY,
    "apikey.mark_used": _SAME,
    "billing.usage": _NUMBERED,
    "booking.follow": _NOBODY,
    "auth.change_password": _NOBODY,
    "auth.confirm_email": _NOBODY,
    "auth.confirm_registration": _NOBODY,
    "auth.logout": _NOBODY,
    "auth.me": _NOBODY,
    "category.create": _BY_KEY,
    "gate.open": _BY_KEY,
    "gate.unlimit": _BY_KEY,
    "mail.send": _NOBODY,
    "resource.answer_change": _SAME,
    "resource.verify_calendar_token": _BY_TOKEN,
    "role.create": _BY_KEY,
    "tenant.answer_change": _SAME,
    "tenant.create": _NOBODY,
    "tenant.get_public": _NOBODY,
    "user.create_owner": _BY_KEY,
    "user.list_platform_admins": _NOBODY,
    "user.permissions": _NOBODY,
    "user.set_platform_admin": _SAME,
    "webhook.create": _BY_KEY,
}


def _without_version(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name != "version"}


def places(fields: Any, words: dict[str, str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a word of the tenant stands in the message, alone or behind a mark, and which."""
    named = {word: name for name, word in words.items()}
    for path, leaf in _leaves(fields, ()):
        found = named.get(leaf) or named.get(_tail(leaf))
        if found is not None:
            yield path, found


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))


def _tail(text: str) -> str:
    """`user:…` and `booking/…` name by what stands behind."""
    return text.rpartition("/")[2] if "/" in text else text.rpartition(":")[2]


def replaced(fields: Any, path: tuple[str | int, ...], own: str, word: str) -> Any:
    """The message with another word at this place."""
    if not path:
        return fields.replace(own, word)
    step, rest = path[0], path[1:]
    if isinstance(fields, dict):
        return {
            name: replaced(inner, rest, own, word) if name == step else inner
            for name, inner in fields.items()
        }
    return [
        replaced(inner, rest, own, word) if place == step else inner
        for place, inner in enumerate(fields)
    ]
