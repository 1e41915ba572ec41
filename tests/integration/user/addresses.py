"""Somebody who changes their address, and their password."""

from typing import Any

from contracts.user import credentials
from contracts.wire.envelope import ANONYMOUS, Actor
from contracts.wire.reply import Reply
from tests.integration.desk import Desk
from tests.integration.user.accounts import made
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.mails import mails_to
from tests.integration.user.people import person

OLD = "bia@people.example"


async def bia_of(desk: Desk, salon: Tenant, **more: Any) -> Actor:
    """A customer with a password."""
    found = await made(desk, salon, "Bia", password=PASSWORD, **more)
    return person("customer", found["id"])


async def change(desk: Desk, salon: Tenant, who: Actor, email: str, **more: Any) -> Reply:
    body = {"email": email, "current_password": PASSWORD, **more}
    return await desk.ask(credentials.EmailChange, salon.id, who, **body)


async def confirm(desk: Desk, salon: Tenant, who: Actor, code: str) -> Reply:
    return await desk.ask(credentials.EmailConfirm, salon.id, who, code=code)


async def code_to(desk: Desk, salon: Tenant, email: str) -> str:
    """The code of the last mail to this address."""
    code: str = (await mails_to(desk, email, salon.id))[-1]["code"]
    return code


async def codes_of(desk: Desk, salon: Tenant) -> list[Any]:
    """Every code of the tenant, as it is stored."""
    return await desk.rows("SELECT * FROM one_time_code WHERE tenant_id = :it", it=salon.id)


async def address_of(desk: Desk, who: Actor) -> str:
    ((email,),) = await desk.rows("SELECT email FROM account WHERE user_id = :it", it=who.id)
    return str(email)


async def forgot(desk: Desk, salon: Tenant, email: str) -> None:
    asked: dict[str, Any] = {"tenant": salon.slug, "email": email}
    assert (await desk.ask(credentials.PasswordForgot, None, ANONYMOUS, **asked)).status == 202


async def reset(desk: Desk, code: str) -> Reply:
    new: dict[str, Any] = {"code": code, "new_password": "plums in the icebox"}
    return await desk.ask(credentials.PasswordReset, None, ANONYMOUS, **new)
