"""Customers who sign up by themselves."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from contracts.user import commands, credentials
from contracts.wire.envelope import ANONYMOUS
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from domain.user import mailing
from storage.delivery.known import Fact, KnownObjects
from tests.integration.desk import Desk, code_of
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.door import sign_in
from tests.integration.user.mails import mails_to
from tests.integration.user.people import OWNER


@pytest.fixture(autouse=True)
def no_wait_between_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks again at once."""
    monkeypatch.setattr(mailing, "BETWEEN_MAILS", timedelta(0))


async def opened(
    known: KnownObjects, salon: Tenant, *, to_all: bool = True, version: int = 1
) -> None:
    """The tenant takes people who come by themselves, or does not."""
    body = orjson.dumps({"self_registration": to_all, "version": version})
    await known.remember(Fact(salon.id, "settings", salon.id, version, body))


async def register(desk: Desk, salon: Tenant, email: str, **changed: Any) -> Reply:
    given = {"tenant": salon.slug, "email": email, **changed}
    return await desk.ask(credentials.Register, None, ANONYMOUS, **given)


async def confirm(desk: Desk, code: str, **changed: Any) -> Reply:
    given = {"code": code, "name": "Caio", "password": PASSWORD, **changed}
    return await desk.ask(credentials.RegisterConfirm, None, ANONYMOUS, **given)


def address() -> str:
    return f"{new_id()}@people.example"


async def test_a_customer_comes_by_themselves(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """register → mail → confirm: a customer, and no more than that, who can sign in; until then
    there is nobody."""
    await opened(known, salon)
    email = address()
    asked = await register(desk, salon, email, locale="pt-BR")
    assert (asked.status, asked.body) == (202, {})
    assert code_of(await sign_in(desk, salon, email=email)) == (401, "invalid_credentials")

    (mail,) = await mails_to(desk, email, salon.id)
    assert (mail["template"], mail["locale"]) == ("registration", "pt-BR")
    done = await confirm(desk, mail["code"], phone="+55 11 99999-0000")
    assert (done.status, done.body) == (202, {})
    signed_in = await sign_in(desk, salon, email=email)
    assert signed_in.status == 200
    rows = await desk.rows("SELECT roles, phone, locale FROM account WHERE email = :it", it=email)
    assert rows[0] == (["customer"], "+55 11 99999-0000", "pt-BR")
    assert code_of(await confirm(desk, mail["code"])) == (400, "invalid_code")
    kept = await desk.rows("SELECT payload FROM one_time_code WHERE payload IS NOT NULL")
    assert email not in str(kept)


async def test_a_known_address_gets_the_same_answer_and_another_mail(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """Only whose address it is learns that it is known, and gets no code."""
    await opened(known, salon)
    email = address()
    await desk.ask(commands.UserCreate, salon.id, OWNER, email=email, name="Caio")
    assert await register(desk, salon, email) == await register(desk, salon, address())
    (mail,) = await mails_to(desk, email, salon.id)
    assert (mail["template"], mail["code"]) == ("already_registered", None)


async def test_a_strangers_registration_keeps_nobody_from_a_reset(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """Whoever registers with somebody's address sends them a mail, and does not use up the one that
    they ask for."""
    await opened(known, salon)
    email = address()
    await desk.ask(commands.UserCreate, salon.id, OWNER, email=email, name="Caio")
    await register(desk, salon, email)
    asked: dict[str, Any] = {"tenant": salon.slug, "email": email}
    assert (await desk.ask(credentials.PasswordForgot, None, ANONYMOUS, **asked)).status == 202
    templates = [mail["template"] for mail in await mails_to(desk, email, salon.id)]
    assert templates == ["already_registered", "password_reset"]


async def test_a_tenant_that_does_not_allow_it_sends_nothing(
    desk: Desk, salon: Tenant, clinic: Tenant, known: KnownObjects
) -> None:
    """Not allowed, and no such tenant: 202 all the same, no mail, no code."""
    await opened(known, clinic, to_all=False)
    email = address()
    for slug in (clinic.slug, salon.slug, "no-such-tenant"):
        assert (await register(desk, salon, email, tenant=slug)).status == 202
    assert await mails_to(desk, email, salon.id) == []


async def test_a_code_is_of_its_tenant(
    desk: Desk, salon: Tenant, clinic: Tenant, known: KnownObjects
) -> None:
    """Whoever registered at one tenant is nobody at the other."""
    await opened(known, salon)
    email = address()
    await register(desk, salon, email)
    (mail,) = await mails_to(desk, email, salon.id)
    await confirm(desk, mail["code"])
    assert (await sign_in(desk, clinic, email=email)).status == 401


async def test_what_is_wrong_with_the_fields_is_said(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """A bad address is 400, whatever the tenant; a bad password uses up no code."""
    bad = await register(desk, salon, "no address")
    assert code_of(bad) == (400, "invalid_email")
    await opened(known, salon)
    email = address()
    await register(desk, salon, email)
    (mail,) = await mails_to(desk, email, salon.id)
    for password in ("short", f"my {email} phrase"):
        weak = await confirm(desk, mail["code"], password=password)
        assert code_of(weak) == (400, "invalid_password")
    assert (await confirm(desk, mail["code"])).status == 202


async def test_whoever_has_the_mail_says_who_they_are(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """A stranger who registers with somebody's address says nothing that would stand in that
    person's account, whichever of the two asked first; not in the mail either."""
    await opened(known, salon)
    email = address()
    for _ in ("a stranger", "the person"):
        await register(desk, salon, email)
    for mail in await mails_to(desk, email, salon.id):
        assert mail["name"] == ""
    first, _ = await mails_to(desk, email, salon.id)
    assert (
        await confirm(desk, first["code"], name="Bia", password="my own long phrase")
    ).status == 202
    rows = await desk.rows("SELECT name, phone FROM account WHERE email = :it", it=email)
    assert [tuple(row) for row in rows] == [("Bia", None)]
    assert (await sign_in(desk, salon, email=email, password="my own long phrase")).status == 200


async def test_a_tenant_that_closes_takes_nobody_whose_code_is_under_way(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """Registrations are asked for and confirmed while they are open."""
    await opened(known, salon)
    email = address()
    await register(desk, salon, email)
    (mail,) = await mails_to(desk, email, salon.id)
    await opened(known, salon, to_all=False, version=2)
    assert code_of(await confirm(desk, mail["code"])) == (400, "invalid_code")
    await opened(known, salon, version=3)
    assert (await confirm(desk, mail["code"])).status == 202


async def test_nobody_fills_a_mailbox(
    desk: Desk, salon: Tenant, known: KnownObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for at once, one mail is sent; over an hour, three. The answer is the same."""
    await opened(known, salon)
    email, other = address(), address()
    for _ in range(5):
        assert (await register(desk, salon, email)).status == 202
    assert len(await mails_to(desk, email, salon.id)) == mailing.MAILS_PER_HOUR
    monkeypatch.setattr(mailing, "BETWEEN_MAILS", timedelta(minutes=1))
    replies = await asyncio.gather(*(register(desk, salon, other) for _ in range(8)))
    assert {reply.status for reply in replies} == {202}
    assert len(await mails_to(desk, other, salon.id)) == 1


async def test_an_account_made_meanwhile_is_left_alone(
    desk: Desk, salon: Tenant, known: KnownObjects
) -> None:
    """The code comes too late: whoever made the account keeps it."""
    await opened(known, salon)
    email = address()
    await register(desk, salon, email)
    (mail,) = await mails_to(desk, email, salon.id)
    await desk.ask(commands.UserCreate, salon.id, OWNER, email=email, name="Made by the owner")
    assert code_of(await confirm(desk, mail["code"])) == (400, "invalid_code")
    rows = await desk.rows("SELECT name, password_hash FROM account WHERE email = :it", it=email)
    assert [tuple(row) for row in rows] == [("Made by the owner", None)]
