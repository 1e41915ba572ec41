"""Keys of machines: making and revoking them, and answering whose one is.

A key is its organisation's, not its maker's: it lives until it is deleted or runs out, or its
organisation is out, whatever becomes of whoever made it.
"""

import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.user.api_keys import (
    ApiKeyCreate,
    ApiKeyDelete,
    ApiKeyList,
    ApiKeyMarkUsed,
    ApiKeyVerify,
)
from contracts.wire.cursor import InvalidCursor
from contracts.wire.envelope import ANONYMOUS, KEY_ROLE, Actor
from contracts.wire.identity import object_id_for_command
from contracts.wire.strict import rfc3339
from domain.user.key_bounds import beyond_own
from domain.user.roles import TENANT_PERMISSIONS
from handlers.delivery.fitting import fitting
from handlers.delivery.merging import changed_fields
from handlers.delivery.operations import is_administrator
from handlers.delivery.pages import Cursors
from handlers.delivery.trail import Listening
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, refused, refused_fields
from handlers.user.key_text import SECRET_BYTES, KeyText, parse
from handlers.user.rights import grant_refusal
from storage.delivery.known import Fact
from storage.delivery.transaction import Reading, Writing
from storage.user.api_keys import (
    ApiKeyRow,
    add_key,
    count_valid,
    find_key,
    list_keys,
    mark_used,
    save_key,
)
from storage.user.directory import is_active

MOST_KEYS = 100
MARKED_EVERY = timedelta(minutes=1)

NOT_FOUND = refused("not_found", "There is no such API key.")
UNKNOWN = refused("invalid_token", "This API key is not known.")
_TOLD = ("name", "scopes", "cidrs", "expires_at", "deleted_at")


async def create_key(work: Writing, asked: Asked[ApiKeyCreate]) -> Outcome:
    """Afterwards the key can be used. It stands in the answer, sealed wherever that is kept."""
    command = asked.message
    unfit = (
        grant_refusal(asked.actor, "scopes", command.scopes)
        or _expiry_refusal(command.expires_at, work.now)
        or await _beyond(work, asked)
    )
    if unfit is not None:
        return unfit
    if await count_valid(work) >= MOST_KEYS:
        return refused("limit_reached", f"An organisation has up to {MOST_KEYS} valid keys.")
    key_id = command.id or object_id_for_command(asked.envelope.id)
    key = KeyText(key_id, work.tenant_id, secrets.token_bytes(SECRET_BYTES))
    row = ApiKeyRow(
        tenant_id=work.tenant_id,
        key_id=key_id,
        name=command.name,
        prefix=key.prefix,
        key_hash=key.hash,
        scopes=tuple(sorted(set(command.scopes))),
        cidrs=tuple(dict.fromkeys(command.cidrs)),
        created_by=asked.actor.label,
        version=1,
        created_at=work.now,
        expires_at=command.expires_at,
    )
    if not await add_key(work, row):
        return refused("id_in_use", "Another API key has this id.")
    body = {**key_view(row), "key": key.text}
    return Done(201, body, events=(_event("apikey.created", row, None),), private=True)


async def _beyond(work: Writing, asked: Asked[ApiKeyCreate]) -> Refused | None:
    """What a key that asks lacks itself. One that is deleted meanwhile makes none."""
    actor = asked.actor
    if actor.kind != "service" or KEY_ROLE not in actor.roles or actor.id is None:
        return None
    own = await find_key(work, UUID(actor.id))
    if own is None:
        return UNKNOWN
    command = asked.message
    found = beyond_own(own.cidrs, own.expires_at, command.cidrs, command.expires_at)
    errors = [(one.field, one.code, one.message) for one in found]
    return refused_fields("forbidden", errors) if errors else None


async def delete_key(work: Writing, asked: Asked[ApiKeyDelete]) -> Outcome:
    """Afterwards the key is good for nothing, and there is no way back. Whoever manages keys ends
    any of them, also one that may more than they: a key that has leaked must not wait."""
    command = asked.message
    before = await find_key(work, command.apikey_id, lock=True)
    if before is None:
        return NOT_FOUND
    if command.expected_version not in (None, before.version):
        return refused("stale_version", f"The version is {before.version}.")
    gone = replace(before, version=before.version + 1, deleted_at=work.now)
    await save_key(work, gone)
    fact = Fact(work.tenant_id, "apikey", gone.key_id, gone.version, None)
    return Done(204, events=(_event("apikey.deleted", gone, before),), facts=(fact,))


async def mark_key_used(work: Writing, asked: Asked[ApiKeyMarkUsed]) -> Outcome:
    """Afterwards the key's last use is known to the minute; nothing is told of it."""
    await mark_used(work, asked.message.apikey_id, after=MARKED_EVERY)
    return Done(200, {})


class KeyChecks:
    """Answers `apikey.verify`. That a key was refused is noted with the tenant whose key it is."""

    def __init__(self, trail: Listening) -> None:
        self._trail = trail

    async def verify(self, read: Reading, asked: Asked[ApiKeyVerify]) -> Done | Refused:
        """Whose the key is and what it may; the same 401 for whatever is wrong with it."""
        key = parse(asked.message.key)
        if key is None:
            return UNKNOWN
        await read.enter(key.tenant_id)
        row = await find_key(read, key.key_id, deleted=True)
        if row is None:
            return UNKNOWN
        genuine = hmac.compare_digest(row.key_hash, key.hash)
        wrong = _over(row, read.now) if genuine else "wrong_secret"
        if not wrong and not await is_active(read):
            wrong = "tenant_inactive"
        if wrong:
            self._note(asked, row, wrong, genuine=genuine)
            return UNKNOWN
        return Done(200, _verified(row, read.now))

    def _note(
        self, asked: Asked[ApiKeyVerify], row: ApiKeyRow, reason: str, *, genuine: bool
    ) -> None:
        """Who has not the whole key is nobody."""
        self._trail.notice(
            asked.envelope,
            "apikey.use_refused",
            row.tenant_id,
            actor=Actor("service", str(row.key_id), (KEY_ROLE,)) if genuine else ANONYMOUS,
            subject=f"apikey/{row.key_id}",
            operation=asked.message.type,
            reason=reason,
        )


def _over(row: ApiKeyRow, now: datetime) -> str:
    """Why the key is good no more, "" where it is."""
    if row.deleted_at is not None:
        return "deleted"
    return "expired" if row.expires_at is not None and row.expires_at <= now else ""


def _verified(row: ApiKeyRow, now: datetime) -> dict[str, Any]:
    """An ApiKeyVerified."""
    used = row.last_used_at
    return {
        "tenant_id": str(row.tenant_id),
        "apikey_id": str(row.key_id),
        "scopes": [scope for scope in row.scopes if scope in TENANT_PERMISSIONS],
        "cidrs": list(row.cidrs),
        "expires_at": _told(row.expires_at),
        "marks_use": used is None or used <= now - MARKED_EVERY,
    }


class KeyLists:
    """Lists, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "api-keys")

    async def list(self, read: Reading, asked: Asked[ApiKeyList]) -> Done | Refused:
        query = asked.message
        if query.include_deleted and not is_administrator(asked.actor):
            return refused("forbidden", "Deleted objects are shown to administrators.")
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        rows = await list_keys(read, query.limit + 1, after, include_deleted=query.include_deleted)
        count = fitting(rows, query.limit, key_view)
        return Done(200, self._cursors.page(read.tenant_id, rows, count, key_view, _place))


def key_view(row: ApiKeyRow) -> dict[str, Any]:
    """An ApiKeyView."""
    return {
        "id": str(row.key_id),
        "name": row.name,
        "prefix": row.prefix,
        "scopes": list(row.scopes),
        "cidrs": list(row.cidrs),
        "expires_at": _told(row.expires_at),
        "last_used_at": _told(row.last_used_at),
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
        "deleted_at": _told(row.deleted_at),
        "version": row.version,
    }


def _event(event_type: str, row: ApiKeyRow, before: ApiKeyRow | None) -> Happened:
    state, old = _state(row), None if before is None else _state(before)
    changes = changed_fields(old, state, _TOLD)
    return Happened(event_type, "apikey", row.key_id, row.version, state, changes, row.tenant_id)


def _state(row: ApiKeyRow) -> dict[str, Any]:
    """An ApiKeyEventState."""
    shown = key_view(row)
    del shown["last_used_at"]
    return {**shown, "tenant_id": str(row.tenant_id)}


def _expiry_refusal(expires_at: datetime | None, now: datetime) -> Refused | None:
    if expires_at is None or expires_at > now:
        return None
    message = "A key cannot have run out before it is made."
    return refused_fields("validation_failed", [("expires_at", "in_the_past", message)])


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _place(row: ApiKeyRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.key_id)]
