"""Giving out everything that is held about a person, in whichever context it is."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson

from contracts.catalogue import QUERIES
from contracts.user.personal_data import UserExport
from contracts.wire.cursor import InvalidCursor, make_cursor
from contracts.wire.envelope import Actor
from contracts.wire.reply import Reply
from contracts.wire.strict import Message, rfc3339
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, Unavailable, refused
from handlers.user.accounts import NOT_FOUND
from handlers.user.tools import UserTools
from handlers.user.views import user_view
from storage.delivery.transaction import Reading, reading
from storage.user.accounts import AccountRow, find_account
from storage.user.sessions import SessionRow, sessions_of

# What is asked of others, in this order; each answers `{items, next_cursor}`.
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "bookings": ("booking.export_person", {"kind": "bookings"}),
    "series": ("booking.export_person", {"kind": "series"}),
    "waitlist": ("booking.export_person", {"kind": "waitlist"}),
    "audit": ("audit.export_person", {}),
}
# A part's page has up to 400 KB: two of them and the person's own row fit into one sealed reply.
ENOUGH_BYTES = 350_000
SESSIONS = 500


class Asking(Protocol):
    """How other contexts are asked."""

    async def ask(self, message: Message, tenant_id: UUID | None, traceparent: str = "") -> Reply:
        """The reply; raises Unavailable when there is none in time."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What other contexts said: items by part, and where the next page begins."""

    items: dict[str, list[Any]]
    following: list[str] | None
    first: bool


class PersonExport:
    """Answers `user.export`."""

    def __init__(self, tools: UserTools, asker: Asking | None) -> None:
        self._engine = tools.engine
        self._secret = tools.secret
        self._asker = asker

    async def prepare(self, asked: Asked[UserExport]) -> Brought | Refused:
        """What the others have, once it is clear that the caller may have it."""
        query = asked.message
        if not _may_have(asked.actor, query.user_id):
            return NOT_FOUND
        cursors = self._cursors(query.user_id)
        try:
            place = cursors.read(asked.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this export.")
        async with reading(self._engine, asked.tenant_id) as read:
            if await find_account(read, query.user_id, deleted=True) is None:
                return NOT_FOUND
        names = list(PARTS)
        part, inner = place or (names[0], "")
        items: dict[str, list[Any]] = {name: [] for name in names}
        total = 0
        for name in names[names.index(part) :]:
            if total > ENOUGH_BYTES:
                return Brought(items, [name, ""], place is None)
            page = await self._page(asked, name, inner)
            items[name] = page["items"]
            total += len(orjson.dumps(page["items"]))
            if page["next_cursor"] is not None:
                return Brought(items, [name, page["next_cursor"]], place is None)
            inner = ""
        return Brought(items, None, place is None)

    async def answer(self, read: Reading, asked: Asked[UserExport]) -> Done | Refused:
        """A UserExportView: the person's own row and sign-ins on the first page."""
        found, user_id = asked.prepared, asked.message.user_id
        if isinstance(found, Refused):
            return found
        account = await find_account(read, user_id, deleted=True)
        if account is None:
            return NOT_FOUND
        sessions = await sessions_of(read, user_id, SESSIONS) if found.first else []
        following = None
        if found.following is not None:
            cursors = self._cursors(user_id)
            following = make_cursor(cursors.key, read.tenant_id, cursors.listing, found.following)
        return Done(
            200,
            {
                "user": _account_view(account) if found.first else None,
                "sessions": [_session_view(one) for one in sessions] if found.first else None,
                **found.items,
                "next_cursor": following,
            },
        )

    async def _page(self, asked: Asked[UserExport], part: str, inner: str) -> dict[str, Any]:
        if self._asker is None:
            raise Unavailable("nobody can be asked for the rest")
        message_type, fields = PARTS[part]
        wanted = {"user_id": str(asked.message.user_id), "limit": 100, **fields}
        if inner:
            wanted["cursor"] = inner
        query = QUERIES[message_type].model_validate_json(orjson.dumps(wanted))
        reply = await self._asker.ask(query, asked.tenant_id, asked.envelope.traceparent)
        if reply.status != 200:
            raise Unavailable(f"{message_type} answered {reply.status}")
        page: dict[str, Any] = reply.body
        return page

    def _cursors(self, user_id: UUID) -> Cursors:
        return Cursors.of(self._secret, f"export/{user_id}")


def _may_have(actor: Actor, user_id: UUID) -> bool:
    return actor.is_user(user_id) or actor.may("user:read:any")


def _account_view(account: AccountRow) -> dict[str, Any]:
    """A UserView, and whether there is a password: of that nothing more is known."""
    return {**user_view(account), "has_password": account.password_hash is not None}


def _session_view(row: SessionRow) -> dict[str, Any]:
    """A SessionView."""
    return {
        "id": str(row.session_id),
        "created_at": rfc3339(row.created_at),
        "expires_at": rfc3339(row.expires_at),
        "revoked_at": None if row.revoked_at is None else rfc3339(row.revoked_at),
    }
