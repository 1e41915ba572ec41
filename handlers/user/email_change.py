"""Changing one's own address: it counts once the code that was mailed to it is given back.

As with registration, what the caller is told is the same whether the address is known or not, and
so is the work: whose address it is learns the difference from the mail.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from contracts.catalogue import COMMANDS
from contracts.user.credentials import EmailChange, EmailConfirm
from domain.user.email import normalise_email
from handlers.delivery.trail import record_of
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send, refused
from handlers.user.accounts import done, email_refusal
from handlers.user.codes import OneTimeCode, is_mailed_enough, parse_code
from handlers.user.credentials import INVALID_CODE
from handlers.user.proving import Proof, person_of
from handlers.user.tools import UserTools
from storage.delivery.transaction import Writing
from storage.user.accounts import AccountRow, find_account, find_by_email, save_account
from storage.user.codes import CodeRow, add_code, end_codes, find_code

CODE_LIFETIME = timedelta(hours=1)
TAKEN = Done(204)
# A platform administrator of the configured address is made at every start where there is none.
NOT_OURS = refused("forbidden", "Only a person of a tenant changes their address.")


class EmailChanges:
    """Handles `auth.change_email` and `auth.confirm_email`."""

    def __init__(self, tools: UserTools) -> None:
        self._proof = Proof(tools, "auth.email_change_failed")

    async def prepare(self, asked: Asked[EmailChange]) -> AccountRow | Refused:
        """What is wrong with the address or the password is said; of other accounts nothing is."""
        if asked.actor.kind != "user":
            return NOT_OURS
        return email_refusal(asked.message.email) or await self._proof.of(asked)

    async def change(self, work: Writing, asked: Asked[EmailChange]) -> Outcome:
        """Afterwards a mail is on its way: with a code, or that the address is known already."""
        proven, email = asked.prepared, asked.message.email
        if isinstance(proven, Refused):
            return proven
        account = await self._proof.still(work, asked, proven.user_id, proven.password_hash)
        if isinstance(account, Refused):
            return account
        if email == account.email:
            return TAKEN
        holder = await find_by_email(work, email)
        known = holder is not None and holder.user_id != account.user_id
        key = normalise_email(email)
        if await is_mailed_enough(work, key, "email_change", "already_registered"):
            return TAKEN
        code = OneTimeCode.new(work.tenant_id)
        row = _code_row(work, account, email, code, known=known)
        await add_code(work, row)
        if holder is not None and known:
            mail = _mail(work, holder, email, row.purpose)
        else:
            # Nobody's name: whoever asks has chosen it, and may have chosen the address, too.
            more = {"code": code.text, "expires_at": row.expires_at}
            mail = _mail(work, account, email, row.purpose, name="", **more)
        subject = f"user/{account.user_id}"
        record = record_of("auth.email_change_requested", asked.actor, work.tenant_id, subject)
        return replace(TAKEN, sends=(mail, record))

    async def confirm(self, work: Writing, asked: Asked[EmailConfirm]) -> Outcome:
        """Afterwards the account has the address that the code was sent to, and whoever reads the
        old one is told. The code is good in the hands of the account's person alone: whoever an
        address was mistyped to does not get the account."""
        user_id, code = person_of(asked.actor), parse_code(asked.message.code)
        if user_id is None or asked.actor.kind != "user":
            return NOT_OURS
        if code is None or code.tenant_id != asked.tenant_id:
            return INVALID_CODE
        before = await find_account(work, user_id, lock=True)
        stored = await find_code(work, code.hash, "email_change", lock=True)
        if before is None or not before.active:
            return INVALID_CODE
        if stored is None or stored.user_id != user_id or stored.payload is None:
            return INVALID_CODE
        email = stored.payload["email"]
        holder = await find_by_email(work, email)
        if holder is not None and holder.user_id != user_id:
            # Somebody has it meanwhile: there is nothing left to confirm.
            return INVALID_CODE
        after = replace(before, email=email, version=before.version + 1, updated_at=work.now)
        await save_account(work, after)
        await end_codes(work, user_id)
        outcome = done("user.updated", after, before)
        mail = _mail(work, after, before.email, "email_changed")
        return replace(outcome, status=204, body=None, private=False, sends=(mail,))


def _code_row(
    work: Writing, account: AccountRow, email: str, code: OneTimeCode, *, known: bool
) -> CodeRow:
    return CodeRow(
        tenant_id=work.tenant_id,
        code_hash=code.hash,
        purpose="already_registered" if known else "email_change",
        email_key=normalise_email(email),
        user_id=None if known else account.user_id,
        payload=None if known else {"email": email},
        created_at=work.now,
        expires_at=work.now + CODE_LIFETIME,
    )


def _mail(work: Writing, reader: AccountRow, to: str, template: str, **more: Any) -> Send:
    """What is said to this person, at this address; of the mail's message only the name is known
    here."""
    said = {"to": to, "name": reader.name, "locale": reader.locale, "template": template, **more}
    return Send(COMMANDS["mail.send"].model_validate(said), work.tenant_id)
