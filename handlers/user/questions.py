"""Answering questions about users, permissions and the caller."""

from uuid import UUID

from contracts.user.queries import AuthMe, PermissionList, UserGet, UserList
from contracts.wire.cursor import InvalidCursor
from contracts.wire.envelope import KEY_ROLE, Actor
from contracts.wire.identity import NIL
from contracts.wire.strict import rfc3339
from domain.user.roles import PERMISSIONS
from handlers.delivery.fitting import fitting
from handlers.delivery.operations import is_administrator
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, refused
from handlers.user.accounts import NOT_FOUND
from handlers.user.rights import permissions_held
from handlers.user.views import user_view
from storage.delivery.transaction import Reading
from storage.user.accounts import AccountFilter, AccountRow, find_account, list_accounts
from storage.user.api_keys import find_key


async def get_user(read: Reading, asked: Asked[UserGet]) -> Done | Refused:
    """Who may see themselves alone finds nobody else."""
    user_id = asked.message.user_id
    if not asked.actor.is_user(user_id) and not asked.actor.may("user:read:any"):
        return NOT_FOUND
    account = await find_account(read, user_id)
    return NOT_FOUND if account is None else Done(200, user_view(account))


async def who_am_i(read: Reading, asked: Asked[AuthMe]) -> Done | Refused:
    """The caller as the database has them now, whatever their token says."""
    actor = asked.actor
    if actor.kind == "service" and KEY_ROLE in actor.roles and actor.id is not None:
        return await _which_key(read, UUID(actor.id))
    user_id = _id_of(actor)
    if user_id is None:
        return refused("unauthorized")
    if actor.kind == "platform":
        await read.enter(NIL)
    account = await find_account(read, user_id)
    if account is None or not account.active:
        return refused("unauthorized")
    return Done(
        200,
        {
            "id": str(account.user_id),
            "kind": actor.kind,
            "tenant_id": None if account.tenant_id == NIL else str(account.tenant_id),
            "email": account.email,
            "name": account.name,
            "roles": list(account.roles),
            "permissions": sorted(await permissions_held(read, account)),
        },
    )


async def _which_key(read: Reading, key_id: UUID) -> Done | Refused:
    key = await find_key(read, key_id)
    if key is None:
        return refused("unauthorized")
    return Done(
        200,
        {
            "id": str(key.key_id),
            "kind": "service",
            "tenant_id": str(key.tenant_id),
            "email": None,
            "name": key.name,
            "roles": [],
            "permissions": list(key.scopes),
        },
    )


async def list_permissions(_read: Reading, _asked: Asked[PermissionList]) -> Done:
    items = [{"name": name, "description": text} for name, text in PERMISSIONS.items()]
    return Done(200, {"items": items, "next_cursor": None})


class UserLists:
    """Lists, with cursors of their own."""

    def __init__(self, secret: str) -> None:
        self._cursors = Cursors.of(secret, "users")

    async def list(self, read: Reading, asked: Asked[UserList]) -> Done | Refused:
        query = asked.message
        if query.include_deleted and not is_administrator(asked.actor):
            return refused("forbidden", "Deleted objects are shown to administrators.")
        try:
            after = self._cursors.read_moment(read.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this list.")
        wanted = AccountFilter(query.q, query.role, query.active, query.include_deleted)
        rows = await list_accounts(read, wanted, query.limit + 1, after)
        count = fitting(rows, query.limit, user_view)
        return Done(200, self._cursors.page(read.tenant_id, rows, count, user_view, _place))


def _place(row: AccountRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.user_id)]


def _id_of(actor: Actor) -> UUID | None:
    """A person's id; machines and nobody have none."""
    if actor.kind not in ("user", "platform") or actor.id is None:
        return None
    try:
        return UUID(actor.id)
    except ValueError:
        return None
