"""Customers who sign up by themselves, where their tenant's settings allow it.

What the caller is told is the same whether the address is known or not, and so is the work: whose
address it is learns the difference from the mail.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.user.credentials import Register, RegisterConfirm
from contracts.wire.identity import object_id_for_command
from contracts.wire.strict import rfc3339
from domain.user.email import normalise_email
from domain.user.roles import CUSTOMER
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send
from handlers.user.accounts import credentials_refusal, done, email_refusal
from handlers.user.codes import OneTimeCode, parse_code
from handlers.user.credentials import BETWEEN_MAILS, INVALID_CODE
from handlers.user.tools import UserTools
from storage.delivery.transaction import Writing, reading
from storage.user.accounts import AccountRow, add_account, find_by_email
from storage.user.codes import CodeRow, add_code, find_code, use_code, was_mailed_within
from storage.user.directory import is_active, tenant_of_slug

CODE_LIFETIME = timedelta(hours=24)
ACCEPTED = Done(202, {})


@dataclass(frozen=True, slots=True)
class Applicant:
    """A password's hash, and the tenant that takes people who come by themselves, if it does."""

    tenant_id: UUID | None
    password_hash: str


class Registration:
    """Handles `auth.register` and `auth.confirm_registration`."""

    def __init__(self, tools: UserTools) -> None:
        self._tools = tools

    async def prepare(self, asked: Asked[Register]) -> Applicant | Refused:
        """What is wrong with address or password is said; of the tenant nothing is."""
        command = asked.message
        unfit = email_refusal(command.email) or credentials_refusal(command.email, command.password)
        if unfit is not None:
            return unfit
        password_hash = await self._tools.passwords.hash(command.password)
        async with reading(self._tools.engine, None) as read:
            tenant_id = await tenant_of_slug(read, command.tenant)
        if tenant_id is None or self._tools.rules is None:
            return Applicant(None, password_hash)
        rules = await self._tools.rules.of(tenant_id, asked.envelope.traceparent)
        open_to_all = rules is not None and rules["self_registration"]
        return Applicant(tenant_id if open_to_all else None, password_hash)

    async def register(self, work: Writing, asked: Asked[Register]) -> Outcome:
        """Afterwards a mail is on its way: with a code, or that the address is known already."""
        found = asked.prepared
        if isinstance(found, Refused):
            return found
        if found.tenant_id is None:
            return ACCEPTED
        await work.enter(found.tenant_id)
        key = normalise_email(asked.message.email)
        known = await find_by_email(work, asked.message.email) is not None
        if await was_mailed_within(work, key, BETWEEN_MAILS, "registration", "already_registered"):
            return ACCEPTED
        code = OneTimeCode.new(work.tenant_id)
        row = _code_row(work, asked.message, code, found.password_hash, known=known)
        await add_code(work, row)
        mail = COMMANDS["mail.send"].model_validate(
            {
                "to": asked.message.email,
                "name": asked.message.name,
                "locale": asked.message.locale,
                "template": row.purpose,
                "code": None if known else code.text,
                "expires_at": None if known else row.expires_at,
            }
        )
        return replace(ACCEPTED, sends=(Send(mail, work.tenant_id),))

    async def confirm(self, work: Writing, asked: Asked[RegisterConfirm]) -> Outcome:
        """Afterwards the customer is there, with the address that the code was sent to."""
        code = parse_code(asked.message.code)
        if code is None:
            return INVALID_CODE
        await work.enter(code.tenant_id)
        stored = await find_code(work, code.hash, "registration", lock=True)
        if stored is None or stored.payload is None or not await is_active(work):
            return INVALID_CODE
        account = _customer(work, object_id_for_command(asked.envelope.id), stored.payload)
        await use_code(work, stored)
        if await add_account(work, account) is not None:
            # Somebody made the account meanwhile: there is nothing left to confirm.
            return INVALID_CODE
        outcome = done("user.created", account, None)
        return replace(outcome, status=202, body={}, private=False)


def _code_row(
    work: Writing, command: Register, code: OneTimeCode, password_hash: str, *, known: bool
) -> CodeRow:
    payload: dict[str, Any] = {
        "email": command.email,
        "name": command.name,
        "phone": command.phone,
        "locale": command.locale,
        "password_hash": password_hash,
        "at": rfc3339(work.now),
    }
    return CodeRow(
        tenant_id=work.tenant_id,
        code_hash=code.hash,
        purpose="already_registered" if known else "registration",
        email_key=normalise_email(command.email),
        user_id=None,
        payload=None if known else payload,
        created_at=work.now,
        expires_at=work.now + CODE_LIFETIME,
    )


def _customer(work: Writing, user_id: UUID, given: dict[str, Any]) -> AccountRow:
    return AccountRow(
        tenant_id=work.tenant_id,
        user_id=user_id,
        email=given["email"],
        name=given["name"],
        phone=given["phone"],
        locale=given["locale"],
        timezone=None,
        roles=(CUSTOMER,),
        attributes={},
        active=True,
        password_hash=given["password_hash"],
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
