"""Customers who sign up by themselves, where their tenant's settings allow it.

What the caller is told is the same whether the address is known or not, and so is the work: whose
address it is learns the difference from the mail. Who has the mail says everything else, the
password above all: whatever a stranger who registers with somebody's address could say would stand
in that person's account.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.user.credentials import Register, RegisterConfirm
from contracts.wire.identity import object_id_for_command
from domain.user.email import normalise_email
from domain.user.roles import CUSTOMER
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send
from handlers.user.accounts import credentials_refusal, done, email_refusal
from handlers.user.codes import OneTimeCode, is_mailed_enough, parse_code
from handlers.user.credentials import INVALID_CODE
from handlers.user.tools import UserTools
from storage.delivery.transaction import Writing, reading
from storage.user.accounts import AccountRow, add_account, find_by_email
from storage.user.codes import CodeRow, add_code, find_code, use_code
from storage.user.directory import is_active, tenant_of_slug

CODE_LIFETIME = timedelta(hours=24)
ACCEPTED = Done(202, {})


@dataclass(frozen=True, slots=True)
class Applicant:
    """The tenant that takes people who come by themselves, if it does."""

    tenant_id: UUID | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A code that is good for this address, as it was said, and the hash to store."""

    email: str
    locale: str | None
    password_hash: str


class Registration:
    """Handles `auth.register` and `auth.confirm_registration`."""

    def __init__(self, tools: UserTools) -> None:
        self._tools = tools

    async def prepare(self, asked: Asked[Register]) -> Applicant | Refused:
        """What is wrong with the address is said; of the tenant nothing is."""
        unfit = email_refusal(asked.message.email)
        if unfit is not None:
            return unfit
        async with reading(self._tools.engine, None) as read:
            tenant_id = await tenant_of_slug(read, asked.message.tenant)
        if tenant_id is None or not await self._takes(tenant_id, asked.envelope.traceparent):
            return Applicant(None)
        return Applicant(tenant_id)

    async def register(self, work: Writing, asked: Asked[Register]) -> Outcome:
        """Afterwards a mail is on its way: with a code, or that the address is known already."""
        found = asked.prepared
        if isinstance(found, Refused):
            return found
        if found.tenant_id is None:
            return ACCEPTED
        await work.enter(found.tenant_id)
        key = normalise_email(asked.message.email)
        known = await find_by_email(work, asked.message.email)
        if await is_mailed_enough(work, key, "registration", "already_registered"):
            return ACCEPTED
        code = OneTimeCode.new(work.tenant_id)
        row = _code_row(work, asked.message, code, known=known is not None)
        await add_code(work, row)
        mail = COMMANDS["mail.send"].model_validate(
            {
                "to": asked.message.email,
                "name": known.name if known else "",
                "locale": asked.message.locale,
                "template": row.purpose,
                "code": None if known else code.text,
                "expires_at": None if known else row.expires_at,
            }
        )
        return replace(ACCEPTED, sends=(Send(mail, work.tenant_id),))

    async def prepare_confirmation(self, asked: Asked[RegisterConfirm]) -> Confirmed | Refused:
        """The hash, where the code is good, its tenant still takes people who come by themselves,
        and the password will do for its address."""
        command = asked.message
        code = parse_code(command.code)
        if code is None:
            return INVALID_CODE
        async with reading(self._tools.engine, code.tenant_id) as read:
            stored = await find_code(read, code.hash, "registration")
        if stored is None or stored.payload is None:
            return INVALID_CODE
        if not await self._takes(code.tenant_id, asked.envelope.traceparent):
            return INVALID_CODE
        email: str = stored.payload["email"]
        unfit = credentials_refusal(email, command.password)
        if unfit is not None:
            return unfit
        password_hash = await self._tools.passwords.hash(command.password)
        return Confirmed(email, command.locale or stored.payload["locale"], password_hash)

    async def confirm(self, work: Writing, asked: Asked[RegisterConfirm]) -> Outcome:
        """Afterwards the customer is there, with the address that the code was sent to."""
        found, code = asked.prepared, parse_code(asked.message.code)
        if isinstance(found, Refused):
            return found
        if code is None:
            return INVALID_CODE
        await work.enter(code.tenant_id)
        stored = await find_code(work, code.hash, "registration", lock=True)
        if stored is None or not await is_active(work):
            return INVALID_CODE
        account = _customer(work, asked, found)
        await use_code(work, stored)
        if await add_account(work, account) is not None:
            # Somebody made the account meanwhile: there is nothing left to confirm.
            return INVALID_CODE
        outcome = done("user.created", account, None)
        return replace(outcome, status=202, body={}, private=False)

    async def _takes(self, tenant_id: UUID, traceparent: str) -> bool:
        """Whether the tenant's settings let people come by themselves now."""
        if self._tools.rules is None:
            return False
        rules = await self._tools.rules.of(tenant_id, traceparent)
        return rules is not None and bool(rules["self_registration"])


def _code_row(work: Writing, command: Register, code: OneTimeCode, *, known: bool) -> CodeRow:
    payload = {"email": command.email, "locale": command.locale}
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


def _customer(work: Writing, asked: Asked[RegisterConfirm], found: Confirmed) -> AccountRow:
    command = asked.message
    return AccountRow(
        tenant_id=work.tenant_id,
        user_id=object_id_for_command(asked.envelope.id),
        email=found.email,
        name=command.name,
        phone=command.phone,
        locale=found.locale,
        timezone=None,
        roles=(CUSTOMER,),
        attributes={},
        active=True,
        password_hash=found.password_hash,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
