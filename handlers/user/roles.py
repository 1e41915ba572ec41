"""Making, changing and deleting an organisation's own roles, and telling which roles there are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson

from contracts.user.roles import (
    RoleCreate,
    RoleDelete,
    RoleGet,
    RoleList,
    RoleRestore,
    RoleUpdate,
)
from contracts.wire.cursor import InvalidCursor
from contracts.wire.identity import NIL, object_id_for_command
from contracts.wire.strict import rfc3339
from domain.user.roles import BUILT_IN_ROLES, is_reserved, permissions_of
from handlers.delivery.merging import changed_fields, patched
from handlers.delivery.operations import is_administrator
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, refused
from handlers.user.rights import grant_refusal, holds
from storage.delivery.known import Fact
from storage.delivery.transaction import Reading, Writing
from storage.user.roles import (
    RoleRow,
    add_role,
    find_role,
    is_held,
    list_roles,
    lock_roles,
    name_is_taken,
    role_book,
    save_role,
)

# All of them are told together, in one fact and on one page after another.
MOST_ROLES = 100

NOT_FOUND = refused("not_found", "There is no such role.")
NAME_TAKEN = refused("name_in_use", "Another role has this name.")
RESERVED = refused("name_in_use", "This name is that of a built-in role, or reserved.")
BUILT_IN = refused("forbidden", "Built-in roles stay as they are.")
ABOVE = refused("forbidden", "This role has permissions that you lack.")
HELD = refused("in_use", "Users hold this role.")

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def _built_in(place: int, name: str) -> RoleRow:
    """As if it had been there before all others; its id is the same in every organisation."""
    moment = _BEGINNING + timedelta(seconds=place)
    permissions = tuple(sorted(BUILT_IN_ROLES[name]))
    return RoleRow(NIL, uuid5(NIL, f"role/{name}"), name, permissions, 1, moment, moment)


BUILT_INS: tuple[RoleRow, ...] = tuple(
    _built_in(place, name) for place, name in enumerate(BUILT_IN_ROLES)
)
_BUILT_IN_IDS = frozenset(row.role_id for row in BUILT_INS)


async def create_role(work: Writing, asked: Asked[RoleCreate]) -> Outcome:
    """Afterwards users can be given the role."""
    command = asked.message
    await lock_roles(work)
    unfit = _refusal(asked, command)
    if unfit is not None:
        return unfit
    if len(await list_roles(work)) >= MOST_ROLES:
        return refused("limit_reached", f"An organisation has up to {MOST_ROLES} roles of its own.")
    role_id = command.id or object_id_for_command(asked.envelope.id)
    if role_id in _BUILT_IN_IDS:
        return refused("id_in_use", "A built-in role has this id.")
    role = RoleRow(
        tenant_id=work.tenant_id,
        role_id=role_id,
        **_values(command),
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    taken = await add_role(work, role)
    if taken == "id":
        return refused("id_in_use", "Another role has this id.")
    return NAME_TAKEN if taken else await _done(work, "role.created", role, None, status=201)


async def update_role(work: Writing, asked: Asked[RoleUpdate]) -> Outcome:
    """A merge patch. Users hold a role by its name, so it is renamed only while nobody does."""
    command = asked.message
    before = await _loaded(work, asked)
    if isinstance(before, Refused):
        return before
    patch = command.model_dump(
        mode="json", by_alias=True, exclude_unset=True, include={"name", "grants"}
    )
    document = {"name": before.name, "permissions": before.permissions}
    wanted = patched(RoleCreate, document, patch)
    if isinstance(wanted, Refused):
        return wanted
    after = replace(before, **_values(wanted))
    if after == before:
        return Done(200, role_view(before), facts=(await _fact(work),))
    unfit = _refusal(asked, wanted)
    if unfit is not None:
        return unfit
    if after.name != before.name:
        if await is_held(work, before.name):
            return HELD
        if await name_is_taken(work, after.name, after.role_id):
            return NAME_TAKEN
    return await _saved(work, "role.updated", before, after)


async def delete_role(work: Writing, asked: Asked[RoleDelete]) -> Outcome:
    """Afterwards nobody can be given the role; nobody held it."""
    before = await _loaded(work, asked)
    if isinstance(before, Refused):
        return before
    if await is_held(work, before.name):
        return HELD
    done = await _saved(work, "role.deleted", before, replace(before, deleted_at=work.now))
    return replace(done, status=204, body=None)


async def restore_role(work: Writing, asked: Asked[RoleRestore]) -> Outcome:
    """Afterwards the role is there again, as it was."""
    before = await _loaded(work, asked, deleted=True)
    if isinstance(before, Refused):
        return before
    if before.deleted_at is None:
        return refused("not_deleted", "The role is not deleted.")
    if await name_is_taken(work, before.name, before.role_id):
        return NAME_TAKEN
    return await _saved(work, "role.restored", before, replace(before, deleted_at=None))


async def get_role(read: Reading, asked: Asked[RoleGet]) -> Done | Refused:
    """A built-in role, or one of the organisation's own."""
    role_id = asked.message.role_id
    built_in = next((row for row in BUILT_INS if row.role_id == role_id), None)
    row = built_in or await find_role(read, role_id)
    return NOT_FOUND if row is None else Done(200, role_view(row))


class RoleLists:
    """Lists, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "roles")

    async def list(self, read: Reading, asked: Asked[RoleList]) -> Done | Refused:
        query = asked.message
        if query.include_deleted and not is_administrator(asked.actor):
            return refused("forbidden", "Deleted objects are shown to administrators.")
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        own = await list_roles(read, include_deleted=query.include_deleted)
        rows = _following([*BUILT_INS, *own], after)
        page = self._cursors.page(read.tenant_id, rows, query.limit, role_view, _place)
        return Done(200, page)


def role_view(row: RoleRow) -> dict[str, Any]:
    """A RoleView."""
    built_in = row.role_id in _BUILT_IN_IDS
    return {
        "id": str(row.role_id),
        "name": row.name,
        "permissions": list(row.permissions),
        "built_in": built_in,
        "created_at": None if built_in else rfc3339(row.created_at),
        "updated_at": None if built_in else rfc3339(row.updated_at),
        "deleted_at": None if row.deleted_at is None else rfc3339(row.deleted_at),
        "version": row.version,
    }


def _event(event_type: str, row: RoleRow, before: RoleRow | None) -> Happened:
    state, old = _state(row), None if before is None else _state(before)
    changes = changed_fields(old, state, ("name", "permissions", "deleted_at"))
    return Happened(event_type, "role", row.role_id, row.version, state, changes, row.tenant_id)


def _state(row: RoleRow) -> dict[str, Any]:
    """A RoleEventState."""
    shown = role_view(row)
    del shown["built_in"]
    return {**shown, "tenant_id": str(row.tenant_id)}


async def _loaded(
    work: Writing, asked: Asked[RoleUpdate] | Asked[RoleDelete] | Asked[RoleRestore], **found: bool
) -> RoleRow | Refused:
    """The role under lock, at the version that the caller expects, and theirs to change."""
    command = asked.message
    if command.role_id in _BUILT_IN_IDS:
        return BUILT_IN
    await lock_roles(work)
    role = await find_role(work, command.role_id, lock=True, **found)
    if role is None:
        return NOT_FOUND
    if command.expected_version not in (None, role.version):
        return refused("stale_version", f"The version is {role.version}.")
    return role if holds(asked.actor, role.permissions) else ABOVE


def _refusal(asked: Asked[Any], wanted: RoleCreate) -> Refused | None:
    if is_reserved(wanted.name):
        return RESERVED
    return grant_refusal(asked.actor, "permissions", wanted.grants)


def _values(command: RoleCreate) -> dict[str, Any]:
    return {"name": command.name, "permissions": tuple(sorted(set(command.grants)))}


async def _saved(work: Writing, event_type: str, before: RoleRow, after: RoleRow) -> Done:
    after = replace(after, version=before.version + 1, updated_at=work.now)
    await save_role(work, after)
    return await _done(work, event_type, after, before)


async def _done(
    work: Writing, event_type: str, after: RoleRow, before: RoleRow | None, status: int = 200
) -> Done:
    events = (_event(event_type, after, before),)
    return Done(status, role_view(after), events=events, facts=(await _fact(work),))


async def _fact(work: Writing) -> Fact:
    """What others know of roles: all of the tenant's, in one fact under the tenant's own id."""
    book = await role_book(work)
    # As tokens say it: what a role kept from an older version and nobody can hold is not in it.
    roles = {name: sorted(permissions_of([name], book.permissions)) for name in book.permissions}
    body = orjson.dumps({"version": book.version, "roles": roles})
    return Fact(work.tenant_id, "roles", work.tenant_id, book.version, body)


def _following(rows: Sequence[RoleRow], after: tuple[datetime, UUID] | None) -> list[RoleRow]:
    return [row for row in rows if after is None or (row.created_at, row.role_id) > after]


def _place(row: RoleRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.role_id)]
