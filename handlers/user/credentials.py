"""Changing a password, and setting a new one where it was forgotten.

Either way every session of the account is over, for its access tokens too, within seconds.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.user.credentials import PasswordChange, PasswordForgot, PasswordReset
from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from domain.user.email import normalise_email
from domain.user.passwords import password_violations
from handlers.delivery.trail import record_of
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send, refused, refused_fields
from handlers.user.accounts import done
from handlers.user.codes import OneTimeCode, parse_code
from handlers.user.sign_in import SignIn
from handlers.user.tools import UserTools
from handlers.user.views import session_facts
from storage.delivery.transaction import Writing, reading
from storage.user.accounts import AccountRow, find_account, find_by_email, save_account
from storage.user.codes import CodeRow, add_code, find_code, is_mailed_enough, use_code
from storage.user.directory import is_active, tenant_of_slug
from storage.user.sessions import revoke_sessions_of

CODE_LIFETIME = timedelta(hours=1)

INVALID_CODE = refused("invalid_code", "This code is not valid, or not any more.")
WRONG_PASSWORD = refused("invalid_credentials", "The current password is wrong.")


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A hash to store, and the hash that stood there when it was asked for."""

    user_id: UUID
    before: str | None
    after: str


class Credentials:
    """What takes long is done before the transaction, without a connection."""

    def __init__(self, tools: UserTools, door: SignIn) -> None:
        self._tools = tools
        self._door = door

    async def prepare_change(self, asked: Asked[PasswordChange]) -> NewPassword | Refused:
        """The new hash; or that the current password is wrong, or the new one not good enough."""
        command = asked.message
        user_id = _person(asked.actor)
        if user_id is None:
            return refused("forbidden", "Only a person has a password.")
        async with reading(self._tools.engine, _home(asked)) as read:
            account = await find_account(read, user_id)
        before = None if account is None else account.password_hash
        if not await self._tools.passwords.verify(command.current_password, before):
            return self._guessed(asked, user_id)
        email = "" if account is None else account.email
        return await self._hashed(user_id, before, command.new_password, email)

    async def change(self, work: Writing, asked: Asked[PasswordChange]) -> Outcome:
        """Afterwards every session is over, but the one whose tokens are the answer."""
        new = asked.prepared
        if isinstance(new, Refused):
            return new
        await work.enter(_home(asked))
        account = await find_account(work, new.user_id, lock=True)
        if account is None or not account.active or account.password_hash != new.before:
            return self._guessed(asked, new.user_id)
        changed = await self._changed(work, account, new.after)
        signed_in = await self._door.begin_session(work, account)
        return replace(signed_in, events=changed.events, facts=changed.facts)

    def _guessed(self, asked: Asked[PasswordChange], user_id: UUID) -> Refused:
        """Whoever holds a session may not hold the password: noted, for whose account it is."""
        home = _home(asked)
        self._tools.trail.notice(
            asked.envelope,
            "auth.password_change_failed",
            None if home == NIL else home,
            subject=f"user/{user_id}",
            reason="invalid_credentials",
        )
        return WRONG_PASSWORD

    async def forgot(self, work: Writing, asked: Asked[PasswordForgot]) -> Outcome:
        """Afterwards a code is on its way, if there is somebody to send it to: nobody is told."""
        command = asked.message
        answer = Done(202, {})
        if command.tenant is not None:
            tenant_id = await tenant_of_slug(work, command.tenant)
            if tenant_id is None:
                return answer
            await work.enter(tenant_id)
        account = await find_by_email(work, command.email)
        key = normalise_email(command.email)
        if account is None or not account.active:
            return answer
        if await is_mailed_enough(work, key, "password_reset"):
            return answer
        code = OneTimeCode.new(work.tenant_id)
        expires_at = work.now + CODE_LIFETIME
        await add_code(
            work,
            CodeRow(
                tenant_id=work.tenant_id,
                code_hash=code.hash,
                purpose="password_reset",
                email_key=key,
                user_id=account.user_id,
                payload=None,
                created_at=work.now,
                expires_at=expires_at,
            ),
        )
        return replace(answer, sends=_code_on_its_way(work, asked.actor, account, code, expires_at))

    async def prepare_reset(self, asked: Asked[PasswordReset]) -> NewPassword | Refused:
        """The new hash, where the code is good and the password too."""
        command = asked.message
        code = parse_code(command.code)
        if code is None:
            return INVALID_CODE
        async with reading(self._tools.engine, code.tenant_id) as read:
            stored = await find_code(read, code.hash, "password_reset")
            if stored is None or stored.user_id is None:
                return INVALID_CODE
            account = await find_account(read, stored.user_id)
        if account is None:
            return INVALID_CODE
        return await self._hashed(
            account.user_id, account.password_hash, command.new_password, account.email
        )

    async def reset(self, work: Writing, asked: Asked[PasswordReset]) -> Outcome:
        """Afterwards the code is used, the password is set and every session is over."""
        new, code = asked.prepared, parse_code(asked.message.code)
        if isinstance(new, Refused):
            return new
        if code is None:
            return INVALID_CODE
        await work.enter(code.tenant_id)
        stored = await find_code(work, code.hash, "password_reset", lock=True)
        account = await find_account(work, new.user_id, lock=True)
        if stored is None or account is None or not account.active:
            return INVALID_CODE
        if code.tenant_id != NIL and not await is_active(work):
            return INVALID_CODE
        await use_code(work, stored)
        changed = await self._changed(work, account, new.after)
        return replace(changed, status=204, body=None, private=False)

    async def _hashed(
        self, user_id: UUID, before: str | None, password: str, email: str
    ) -> NewPassword | Refused:
        found = password_violations(password, email, "new_password")
        if found:
            return refused_fields(
                "invalid_password", [(one.field, one.code, one.message) for one in found]
            )
        return NewPassword(user_id, before, await self._tools.passwords.hash(password))

    async def _changed(self, work: Writing, account: AccountRow, password_hash: str) -> Done:
        after = replace(
            account,
            password_hash=password_hash,
            version=account.version + 1,
            updated_at=work.now,
        )
        await save_account(work, after)
        ended = await revoke_sessions_of(work, account.user_id)
        outcome = done("user.password_changed", after, account)
        return replace(outcome, facts=(*outcome.facts, *session_facts(work.tenant_id, ended)))


def _person(actor: Actor) -> UUID | None:
    if actor.kind not in ("user", "platform") or actor.id is None:
        return None
    return UUID(actor.id)


def _home(asked: Asked[PasswordChange]) -> UUID:
    """The platform's people are those of no tenant."""
    return NIL if asked.actor.kind == "platform" else asked.tenant_id


def _tenant(work: Writing) -> UUID | None:
    return None if work.tenant_id == NIL else work.tenant_id


def _code_on_its_way(
    work: Writing, asked_by: Actor, account: AccountRow, code: OneTimeCode, expires_at: datetime
) -> tuple[Send, ...]:
    """The mail, and that it was asked for."""
    mail = COMMANDS["mail.send"].model_validate(
        {
            "to": account.email,
            "name": account.name,
            "locale": account.locale,
            "template": "password_reset",
            "code": code.text,
            "expires_at": expires_at,
        }
    )
    tenant_id, subject = _tenant(work), f"user/{account.user_id}"
    record = record_of("auth.password_reset_requested", asked_by, tenant_id, subject)
    return Send(mail, tenant_id), record
