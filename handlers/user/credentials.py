"""Changing a password, and setting a new one where it was forgotten.

Either way every session of the account is over, for its access tokens too, within seconds, and so
is every code that was mailed for it.
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
from handlers.user.codes import OneTimeCode, is_mailed_enough, parse_code
from handlers.user.proving import Proof
from handlers.user.sign_in import SignIn
from handlers.user.tools import UserTools
from handlers.user.views import session_facts
from storage.delivery.transaction import Writing, reading
from storage.user.accounts import AccountRow, find_account, find_by_email, save_account
from storage.user.codes import CodeRow, add_code, end_codes, find_code
from storage.user.directory import is_active, tenant_of_slug
from storage.user.sessions import revoke_sessions_of

CODE_LIFETIME = timedelta(hours=1)

INVALID_CODE = refused("invalid_code", "This code is not valid, or not any more.")


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
        self._proof = Proof(tools, "auth.password_change_failed")

    async def prepare_change(self, asked: Asked[PasswordChange]) -> NewPassword | Refused:
        """The new hash; or that the current password is wrong, or the new one not good enough."""
        account = await self._proof.of(asked)
        if isinstance(account, Refused):
            return account
        return await self._hashed(account, asked.message.new_password)

    async def change(self, work: Writing, asked: Asked[PasswordChange]) -> Outcome:
        """Afterwards every session is over, but the one whose tokens are the answer."""
        new = asked.prepared
        if isinstance(new, Refused):
            return new
        account = await self._proof.still(work, asked, new.user_id, new.before)
        if isinstance(account, Refused):
            return account
        changed = await self._changed(work, account, new.after)
        signed_in = await self._door.begin_session(work, account)
        return replace(signed_in, events=changed.events, facts=changed.facts)

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
        return await self._hashed(account, command.new_password)

    async def reset(self, work: Writing, asked: Asked[PasswordReset]) -> Outcome:
        """Afterwards the code is used, the password is set and every session is over."""
        new, code = asked.prepared, parse_code(asked.message.code)
        if isinstance(new, Refused):
            return new
        if code is None:
            return INVALID_CODE
        await work.enter(code.tenant_id)
        # The account first, as whoever ends its codes does.
        account = await find_account(work, new.user_id, lock=True)
        stored = await find_code(work, code.hash, "password_reset", lock=True)
        if stored is None or account is None or not account.active:
            return INVALID_CODE
        if stored.email_key != normalise_email(account.email):
            # It was under way to an address that the account no longer has.
            return INVALID_CODE
        if code.tenant_id != NIL and not await is_active(work):
            return INVALID_CODE
        changed = await self._changed(work, account, new.after)
        return replace(changed, status=204, body=None, private=False)

    async def _hashed(self, account: AccountRow, password: str) -> NewPassword | Refused:
        found = password_violations(password, account.email, "new_password")
        if found:
            return refused_fields(
                "invalid_password", [(one.field, one.code, one.message) for one in found]
            )
        hashed = await self._tools.passwords.hash(password)
        return NewPassword(account.user_id, account.password_hash, hashed)

    async def _changed(self, work: Writing, account: AccountRow, password_hash: str) -> Done:
        after = replace(
            account,
            password_hash=password_hash,
            version=account.version + 1,
            updated_at=work.now,
        )
        await save_account(work, after)
        await end_codes(work, account.user_id)
        ended = await revoke_sessions_of(work, account.user_id)
        outcome = done("user.password_changed", after, account)
        return replace(outcome, facts=(*outcome.facts, *session_facts(work.tenant_id, ended)))


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
