"""Rows of the user database as documents: what contracts.user.views describes."""

from collections.abc import Iterable
from typing import Any, get_args
from uuid import UUID

import orjson

from contracts.wire.saying import Said
from contracts.wire.strict import rfc3339
from handlers.delivery.merging import changed_fields
from handlers.delivery.work import Happened
from storage.delivery.known import Fact
from storage.user.accounts import AccountRow

USER_FIELDS = ("email", "name", "phone", "locale", "timezone", "roles", "attributes", "active")
PERSONAL = ("email", "name", "phone", "locale", "timezone", "attributes")
# Every message by mail, and none by SMS, unless somebody wishes otherwise.
WANTED = {"email": True, "sms": False}
REDACTED = {"before": None, "after": None, "redacted": True}


def user_view(row: AccountRow) -> dict[str, Any]:
    """A UserView: for those who may see it, sealed on its way."""
    erased = None if row.erased_at is None else rfc3339(row.erased_at)
    shown = {name: getattr(row, name) for name in PERSONAL}
    wishes = {"notification_preferences": shown_preferences(row)}
    return {**user_state(row), **shown, **wishes, "erased_at": erased}


def shown_preferences(row: AccountRow) -> dict[str, Any]:
    """Of every message and way whether it is wanted, and when the person is reminded."""
    wished = row.notification_preferences
    return {
        **{
            way: dict.fromkeys(get_args(Said), usual) | wished.get(way, {})
            for way, usual in WANTED.items()
        },
        "reminder_minutes_before": wished.get("reminder_minutes_before"),
    }


def user_state(row: AccountRow) -> dict[str, Any]:
    """A UserEventState: what may be said of a person on a stream."""
    return {
        "id": str(row.user_id),
        "tenant_id": str(row.tenant_id),
        "roles": list(row.roles),
        "active": row.active,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "deleted_at": None if row.deleted_at is None else rfc3339(row.deleted_at),
        "version": row.version,
    }


def user_event(event_type: str, row: AccountRow, before: AccountRow | None) -> Happened:
    """The user after a change. Of personal fields it says that they changed, and no more."""
    state = user_state(row)
    old = None if before is None else user_state(before)
    changes = changed_fields(old, state, ("roles", "active", "deleted_at"))
    for name in PERSONAL:
        if getattr(row, name) != (getattr(before, name) if before else None):
            changes[name] = REDACTED
    if row.notification_preferences != (before.notification_preferences if before else {}):
        changes["notification_preferences"] = REDACTED
    if row.password_hash != (before.password_hash if before else None):
        changes["password"] = REDACTED
    return Happened(event_type, "user", row.user_id, row.version, state, changes, row.tenant_id)


def session_facts(tenant_id: UUID, session_ids: Iterable[UUID]) -> tuple[Fact, ...]:
    """What is known of sessions: that they are over, for longer than a token of theirs lives."""
    return tuple(Fact(tenant_id, "session", one, 1, None) for one in session_ids)


def user_fact(row: AccountRow) -> Fact:
    """What others know of a user: that there is one, whether they are active, and their roles."""
    known = {
        "id": str(row.user_id),
        "active": row.active,
        "roles": list(row.roles),
        "version": row.version,
    }
    body = None if row.deleted_at is not None else orjson.dumps(known)
    return Fact(row.tenant_id, "user", row.user_id, row.version, body)
