"""Signing in, staying signed in, and signing out."""

import hashlib
import logging
import secrets
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from contracts.user.commands import AuthLogout, AuthRefresh, AuthToken
from contracts.wire.access import ACCESS_TOKEN_SECONDS
from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL, new_id
from domain.user.email import normalise_email
from handlers.delivery.trail import record_of
from handlers.delivery.work import (
    Asked,
    Done,
    Outcome,
    Refused,
    Send,
    Unavailable,
    refused,
)
from handlers.user.refresh_tokens import (
    SECRET_BYTES,
    SESSION_LIFETIME,
    RefreshToken,
    Use,
    judge,
    parse,
)
from handlers.user.rights import permissions_held
from handlers.user.tools import UserTools
from handlers.user.views import session_facts
from journal.notes import note
from storage.delivery.known import Fact
from storage.delivery.transaction import Reading, Writing, reading, writing
from storage.user.accounts import AccountRow, find_account, find_by_email
from storage.user.directory import is_active, tenant_of_slug
from storage.user.sessions import (
    SessionRow,
    TokenRow,
    add_session,
    add_token,
    find_session,
    find_token,
    mark_used,
    revoke_session,
)

INVALID_CREDENTIALS = refused("invalid_credentials", "Tenant, e-mail address or password is wrong.")
INVALID_TOKEN = refused("invalid_token", "This refresh token is not valid any more.")


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose password was given, and the hash that it was held against."""

    tenant_id: UUID
    user_id: UUID
    password_hash: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """Whose account it was that was tried, as far as there is one: nobody is told."""

    tenant_id: UUID | None
    user_id: UUID | None = None


class SignIn:
    """Sessions. What takes long is done before the transaction, without a connection."""

    def __init__(self, tools: UserTools) -> None:
        self._tools = tools

    async def prove(self, asked: Asked[AuthToken]) -> Proven | Unproven:
        """Whose the password is. Unknown, inactive and without password take as long as wrong."""
        command = asked.message
        async with reading(self._tools.engine, None) as read:
            tenant_id, account = await _claimed(read, command)
        usable = account is not None and account.active
        password_hash = account.password_hash if account is not None and usable else None
        proven = await self._tools.passwords.verify(command.password, password_hash)
        if not proven or account is None or password_hash is None:
            return Unproven(tenant_id, None if account is None else account.user_id)
        return Proven(account.tenant_id, account.user_id, password_hash)

    async def sign_in(self, work: Writing, asked: Asked[AuthToken]) -> Outcome:
        """Afterwards there is a session; its tokens are in the answer and nowhere else."""
        proven: Proven | Unproven = asked.prepared
        if isinstance(proven, Unproven):
            return self._failed(asked, proven)
        await work.enter(proven.tenant_id)
        account = await _present(work, proven.user_id)
        if account is None or account.password_hash != proven.password_hash:
            return self._failed(asked, Unproven(proven.tenant_id, proven.user_id))
        outcome = await self.begin_session(work, account)
        return replace(outcome, sends=(_record(work, "auth.signed_in", account.user_id),))

    def _failed(self, asked: Asked[AuthToken], tried: Unproven) -> Refused:
        """It is noted where the tenant is one, alike for an account and for none: what was typed
        tells accounts apart, and is kept nowhere."""
        if tried.tenant_id is not None:
            typed = normalise_email(asked.message.email).encode()
            self._tools.trail.notice(
                asked.envelope,
                "auth.sign_in_failed",
                None if tried.tenant_id == NIL else tried.tenant_id,
                subject="" if tried.user_id is None else f"user/{tried.user_id}",
                reason="invalid_credentials",
                whose=hashlib.sha256(typed).hexdigest(),
            )
        return INVALID_CREDENTIALS

    async def begin_session(self, work: Writing, account: AccountRow) -> Done:
        """A session of this account; its tokens are in the answer and nowhere else."""
        session = SessionRow(
            tenant_id=work.tenant_id,
            session_id=new_id(),
            user_id=account.user_id,
            created_at=work.now,
            expires_at=work.now + SESSION_LIFETIME,
        )
        token = RefreshToken(work.tenant_id, session.session_id, secrets.token_bytes(SECRET_BYTES))
        await add_session(work, session)
        await add_token(work, TokenRow(work.tenant_id, token.hash, session.session_id, work.now))
        return await self._signed_in(work, account, token)

    async def stop_thieves(self, asked: Asked[AuthRefresh]) -> None:
        """Revokes the family of a token that was used before, in a transaction of its own: the
        refusal that the caller gets is kept nowhere, and takes its transaction back."""
        token = parse(asked.message.refresh_token)
        if token is None:
            return
        async with reading(self._tools.engine, token.tenant_id) as read:
            stolen = await self._stolen(read, token, asked.envelope.id)
        if stolen is None:
            return
        await self._tools.trail.told(
            asked.envelope,
            "auth.token_reused",
            None if token.tenant_id == NIL else token.tenant_id,
            subject=f"user/{stolen.user_id}",
            reason="invalid_token",
        )
        transaction = writing(
            self._tools.engine,
            token.tenant_id,
            uuid5(asked.envelope.id, "revoke"),
            fingerprint="revoke",
            actor=asked.actor.label,
            reply_to="",
            traceparent=asked.envelope.traceparent,
        )
        async with transaction as (work, found):
            await find_session(work, token.family_id, lock=True)
            if found.state != "new" or not await self._stolen(work, token, asked.envelope.id):
                return
            await revoke_session(work, token.family_id)
            command_id = uuid5(asked.envelope.id, "revoke")
            await work.finish(token.tenant_id, command_id, state="done", reply=None, effects=None)
        note(
            logging.WARNING,
            "a refresh token was used twice; its family is revoked",
            tenant_id=token.tenant_id,
            session_id=token.family_id,
        )

    async def refresh(self, work: Writing, asked: Asked[AuthRefresh]) -> Outcome:
        """Afterwards the token is used and its successor is the one that counts."""
        token = parse(asked.message.refresh_token)
        if token is None:
            return INVALID_TOKEN
        await work.enter(token.tenant_id)
        session = await find_session(work, token.family_id, lock=True)
        stored, successor = await self._stored(work, token)
        use = judge(session, stored, successor, work.now)
        if use is Use.STOLEN:
            # Used meanwhile. The next try finds that out beforehand, and revokes the family.
            raise Unavailable("the token was used a moment ago")
        account = None if session is None else await _present(work, session.user_id)
        if use is Use.INVALID or stored is None or account is None:
            over = session is not None and session.revoked_at is not None
            facts = session_facts(work.tenant_id, [token.family_id]) if over else ()
            # Whoever stole a token may have an access token as well.
            return replace(INVALID_TOKEN, facts=facts)
        following = token.successor(self._tools.refresh_key)
        if use is Use.FIRST:
            await mark_used(work, stored, asked.envelope.id)
            row = TokenRow(work.tenant_id, following.hash, token.family_id, work.now)
            await add_token(work, row)
        return await self._signed_in(work, account, following)

    async def sign_out(self, work: Writing, asked: Asked[AuthLogout]) -> Outcome:
        """Afterwards no token of the family is good; one that is unknown is none already."""
        token = parse(asked.message.refresh_token)
        facts: tuple[Fact, ...] = ()
        sends: tuple[Send, ...] = ()
        if token is not None:
            await work.enter(token.tenant_id)
            stored = await find_token(work, token.hash)
            session = None
            if stored is not None:
                session = await find_session(work, stored.session_id, lock=True)
            if session is not None:
                facts = session_facts(work.tenant_id, [session.session_id])
            if session is not None and session.revoked_at is None:
                await revoke_session(work, session.session_id)
                sends = (_record(work, "auth.signed_out", session.user_id),)
        return Done(204, facts=facts, sends=sends, private=True, unkept=True)

    async def _stolen(
        self, read: Reading, token: RefreshToken, command_id: UUID
    ) -> SessionRow | None:
        """The session of a token that was used before, None where nothing speaks for a theft."""
        session = await find_session(read, token.family_id)
        stored, successor = await self._stored(read, token)
        if stored is not None and stored.used_by == command_id:
            return None
        stolen = judge(session, stored, successor, read.now) is Use.STOLEN
        return session if stolen else None

    async def _stored(
        self, read: Reading, token: RefreshToken
    ) -> tuple[TokenRow | None, TokenRow | None]:
        """What is stored of the token and of its successor."""
        following = token.successor(self._tools.refresh_key)
        return await find_token(read, token.hash), await find_token(read, following.hash)

    async def _signed_in(self, work: Writing, account: AccountRow, token: RefreshToken) -> Done:
        permissions = await permissions_held(work, account)
        access = self._tools.issuer.issue(
            tenant_id=account.tenant_id,
            user_id=account.user_id,
            session_id=token.family_id,
            roles=account.roles,
            permissions=permissions,
            now=work.now,
        )
        body: dict[str, Any] = {
            "access_token": access,
            "refresh_token": token.text,
            "token_type": "Bearer",
            "expires_in": ACCESS_TOKEN_SECONDS,
            "scope": " ".join(sorted(permissions)),
        }
        return Done(200, body, private=True, unkept=True)


async def _claimed(read: Reading, command: AuthToken) -> tuple[UUID | None, AccountRow | None]:
    """The tenant and the account that the caller claims, if there are such; nil is the platform."""
    if command.tenant is not None:
        tenant_id = await tenant_of_slug(read, command.tenant)
        if tenant_id is None:
            return None, None
        await read.enter(tenant_id)
    return read.tenant_id, await find_by_email(read, command.email)


def _record(work: Writing, event_type: str, user_id: UUID) -> Send:
    """That somebody came or went, in the trail."""
    home = None if work.tenant_id == NIL else work.tenant_id
    actor = Actor("platform" if home is None else "user", str(user_id))
    return record_of(event_type, actor, home, f"user/{user_id}")


async def _present(work: Writing, user_id: UUID) -> AccountRow | None:
    """The account, if it may be signed in now: its own state and its tenant's are asked."""
    if work.tenant_id != NIL and not await is_active(work):
        return None
    account = await find_account(work, user_id)
    return account if account is not None and account.active else None
