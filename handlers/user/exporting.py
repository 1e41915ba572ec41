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
from domain.user.email import normalise_email
from handlers.delivery.operations import is_administrator
from handlers.delivery.pages import Cursors
from handlers.delivery.work import Asked, Done, Refused, Unavailable, refused
from handlers.user.accounts import NOT_FOUND
from handlers.user.tools import UserTools
from handlers.user.views import user_view
from storage.delivery.transaction import Reading, reading
from storage.user.accounts import AccountRow, find_account
from storage.user.calendar_tokens import find_token_hash
from storage.user.codes import CodeRow, codes_of
from storage.user.sessions import SessionRow, sessions_of

# What is asked of others, in this order, after the person's sign-ins; each answers
# `{items, next_cursor}`.
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "bookings": ("booking.export_person", {"kind": "bookings"}),
    "history": ("booking.export_person", {"kind": "history"}),
    "series": ("booking.export_person", {"kind": "series"}),
    "waitlist": ("booking.export_person", {"kind": "waitlist"}),
    "notifications": ("notification.export_person", {}),
    "audit": ("audit.export_person", {}),
}
NAMES = ("sessions", *PARTS)
# A part's page has up to 400 KB: two of them and the person's own row fit into one sealed reply.
ENOUGH_BYTES = 350_000
AT_ONCE = 100
# Of what somebody holds about others, besides seeing that there is such a user.
OF_OTHERS = ("user:read:any", "booking:read:any", "audit:read")
FORBIDDEN = refused("forbidden", f"{', '.join(OF_OTHERS)} are needed.")


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
        self._trail = tools.trail

    async def prepare(self, asked: Asked[UserExport]) -> Brought | Refused:
        """What there is, once it is clear that the caller may have it."""
        query = asked.message
        try:
            place = self._cursors(query.user_id).read(asked.tenant_id, query.cursor)
        except InvalidCursor:
            return refused("invalid_cursor", "This cursor is not from this export.")
        async with reading(self._engine, asked.tenant_id) as read:
            account = await find_account(read, query.user_id, deleted=True)
        unfit = _refusal(asked.actor, query.user_id, account)
        if unfit is not None:
            return unfit
        # Nothing is given out of which no record is on its way.
        await self._trail.told(
            asked.envelope,
            "user.exported",
            asked.tenant_id,
            outcome="succeeded",
            subject=f"user/{query.user_id}",
        )
        part, inner = place or (NAMES[0], "")
        items: dict[str, list[Any]] = {name: [] for name in NAMES}
        total = 0
        for name in NAMES[NAMES.index(part) :]:
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
        """A UserExportView: the person's own row on the first page."""
        found, user_id = asked.prepared, asked.message.user_id
        if isinstance(found, Refused):
            return found
        account = await find_account(read, user_id, deleted=True)
        if account is None:
            return NOT_FOUND
        key = normalise_email(account.email)
        codes = await codes_of(read, user_id, key, AT_ONCE) if found.first else []
        followed = await find_token_hash(read, user_id) is not None
        following = None
        if found.following is not None:
            cursors = self._cursors(user_id)
            following = make_cursor(cursors.key, read.tenant_id, cursors.listing, found.following)
        return Done(
            200,
            {
                "user": _account_view(account) if found.first else None,
                "codes": [_code_view(one) for one in codes] if found.first else None,
                "has_calendar_token": followed if found.first else None,
                **found.items,
                "next_cursor": following,
            },
        )

    async def _page(self, asked: Asked[UserExport], part: str, inner: str) -> dict[str, Any]:
        if part == "sessions":
            return await self._sessions(asked, inner)
        if self._asker is None:
            raise Unavailable("nobody can be asked for the rest")
        message_type, fields = PARTS[part]
        wanted = {"user_id": str(asked.message.user_id), "limit": AT_ONCE, **fields}
        if inner:
            wanted["cursor"] = inner
        query = QUERIES[message_type].model_validate_json(orjson.dumps(wanted))
        reply = await self._asker.ask(query, asked.tenant_id, asked.envelope.traceparent)
        if reply.status != 200:
            raise Unavailable(f"{message_type} answered {reply.status}")
        page: dict[str, Any] = reply.body
        return page

    async def _sessions(self, asked: Asked[UserExport], inner: str) -> dict[str, Any]:
        user_id = asked.message.user_id
        cursors = Cursors.of(self._secret, f"export/sessions/{user_id}")
        after = cursors.read_moment(asked.tenant_id, inner or None)
        async with reading(self._engine, asked.tenant_id) as read:
            rows = await sessions_of(read, user_id, AT_ONCE + 1, after)
        return cursors.page(asked.tenant_id, rows, AT_ONCE, _session_view, _session_place)

    def _cursors(self, user_id: UUID) -> Cursors:
        return Cursors.of(self._secret, f"export/{user_id}")


def _refusal(actor: Actor, user_id: UUID, account: AccountRow | None) -> Refused | None:
    """One's own is given to everybody; of others to who may see all that is in it; and of those who
    are deleted to administrators."""
    if actor.is_user(user_id):
        return None if account is not None else NOT_FOUND
    if account is None or not actor.may("user:read:any"):
        return NOT_FOUND
    if account.deleted_at is not None and not is_administrator(actor):
        return NOT_FOUND
    return None if all(actor.may(name) for name in OF_OTHERS) else FORBIDDEN


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


def _session_place(row: SessionRow) -> list[str]:
    return [rfc3339(row.created_at), str(row.session_id)]


def _code_view(row: CodeRow) -> dict[str, Any]:
    """A CodeView."""
    return {
        "purpose": row.purpose,
        "created_at": rfc3339(row.created_at),
        "expires_at": rfc3339(row.expires_at),
    }
