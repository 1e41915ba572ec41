"""Passwords that are changed, and passwords that are forgotten."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.user import commands, credentials
from contracts.wire.envelope import ANONYMOUS, Actor
from contracts.wire.identity import NIL, new_id
from contracts.wire.reply import Reply
from domain.user import mailing
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.door import refresh, sign_in
from tests.integration.user.mails import mails_to
from tests.integration.user.people import person

NEW = "plums in the icebox"


@pytest.fixture(autouse=True)
def no_wait_between_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks again at once, unless it is about just that."""
    monkeypatch.setattr(mailing, "BETWEEN_MAILS", timedelta(0))


async def change(desk: Desk, salon: Tenant, current: str, new: str, **more: Any) -> Reply:
    owner = person("owner", salon.owner_id)
    return await desk.ask(
        credentials.PasswordChange,
        salon.id,
        more.get("actor", owner),
        current_password=current,
        new_password=new,
    )


async def forgot(desk: Desk, salon: Tenant, email: str | None = None) -> Reply:
    return await desk.ask(
        credentials.PasswordForgot,
        None,
        ANONYMOUS,
        tenant=salon.slug,
        email=email or salon.owner_email,
    )


async def reset(desk: Desk, code: str, new: str = NEW) -> Reply:
    return await desk.ask(credentials.PasswordReset, None, ANONYMOUS, code=code, new_password=new)


async def test_a_change_ends_every_session_but_the_new_one(desk: Desk, salon: Tenant) -> None:
    """The answer signs in; the sessions from before are revoked and known to be over; the event
    says that it happened, and nothing of the password."""
    before = await sign_in(desk, salon)
    reply = await change(desk, salon, PASSWORD, NEW)

    assert reply.status == 200
    assert [fact.body for fact in desk.facts if fact.kind == "session"] == [None]
    assert code_of(await refresh(desk, before.body["refresh_token"])) == (401, "invalid_token")
    assert (await refresh(desk, reply.body["refresh_token"])).status == 200
    assert code_of(await sign_in(desk, salon)) == (401, "invalid_credentials")
    assert (await sign_in(desk, salon, password=NEW)).status == 200
    event = (await desk.events(salon.owner_id))[-1]
    assert (event.type, event.sequence) == ("user.password_changed", 2)
    redacted = {"before": None, "after": None, "redacted": True}
    assert event.data["changes"] == {"password": redacted}


async def test_the_current_password_is_asked_for(desk: Desk, salon: Tenant) -> None:
    """Wrong, or nobody's: 401; nothing has changed."""
    stranger = person("owner")
    assert code_of(await change(desk, salon, "a wrong one", NEW)) == (401, "invalid_credentials")
    other = await change(desk, salon, PASSWORD, NEW, actor=stranger)
    assert code_of(other) == (401, "invalid_credentials")
    machine = Actor("service", "billing", (), frozenset({"*"}))
    assert code_of(await change(desk, salon, PASSWORD, NEW, actor=machine)) == (403, "forbidden")
    assert (await sign_in(desk, salon)).status == 200


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "password_too_short"), ("x" * 129, "password_too_long"), ("a" * 20, "password_com")],
)
async def test_a_new_password_has_to_be_good_enough(
    desk: Desk, salon: Tenant, new: str, code: str
) -> None:
    """The rules are those of creation, and `errors` names the field."""
    reply = await change(desk, salon, PASSWORD, new)
    assert code_of(reply) == (400, "invalid_password")
    assert any(
        field == "new_password" and said.startswith(code) for field, said in errors_of(reply)
    )


async def test_a_platform_administrator_changes_theirs(desk: Desk) -> None:
    """Their account belongs to no tenant."""
    email = f"{new_id()}@platform.example"
    await desk.ask(commands.UserEnsurePlatformAdmin, None, email=email, password=PASSWORD)
    rows = await desk.rows("SELECT user_id FROM account WHERE email = :it", it=email)
    admin = Actor("platform", str(rows[0][0]), ("platform_admin",))
    reply = await desk.ask(
        credentials.PasswordChange,
        None,
        admin,
        current_password=PASSWORD,
        new_password=NEW,
    )
    assert reply.status == 200
    again: dict[str, Any] = {"tenant": None, "email": email}
    assert (
        await desk.ask(commands.AuthToken, None, ANONYMOUS, **again, password=NEW)
    ).status == 200
    assert (await desk.ask(credentials.PasswordForgot, None, ANONYMOUS, **again)).status == 202
    (mail,) = await mails_to(desk, email)
    assert (await reset(desk, mail["code"], PASSWORD)).status == 204
    facts = [fact for fact in desk.facts if fact.kind == "session"]
    assert facts
    assert all(fact.tenant_id == NIL for fact in facts)


async def test_a_code_comes_by_mail_and_works_once(desk: Desk, salon: Tenant) -> None:
    """forgot → mail → reset: the new password holds, every session is over, the code is used, and
    so is every other code of that account."""
    session = await sign_in(desk, salon)
    assert (await forgot(desk, salon)).body == {}
    await forgot(desk, salon)
    first, second = await mails_to(desk, salon.owner_email, salon.id)
    assert first["template"] == "password_reset"
    assert first["code"] != second["code"]

    assert code_of(await reset(desk, second["code"], "short"))[1] == "invalid_password"
    assert (await reset(desk, second["code"])).status == 204
    assert (await sign_in(desk, salon, password=NEW)).status == 200
    assert (await refresh(desk, session.body["refresh_token"])).status == 401
    for code in (first["code"], second["code"]):
        assert code_of(await reset(desk, code)) == (400, "invalid_code")


async def test_nobody_learns_who_is_there(desk: Desk, salon: Tenant) -> None:
    """An unknown address or tenant gets the answer that a known one gets, and no mail."""
    known = await forgot(desk, salon)
    unknown = await forgot(desk, salon, "nobody@people.example")
    elsewhere = await desk.ask(
        credentials.PasswordForgot, None, ANONYMOUS, tenant="no-such", email=salon.owner_email
    )
    assert known == unknown == elsewhere
    assert await mails_to(desk, "nobody@people.example", salon.id) == []
    assert len(await mails_to(desk, salon.owner_email, salon.id)) == 1


async def test_a_mailbox_is_not_filled(
    desk: Desk, salon: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked five times within a minute, one mail is sent."""
    monkeypatch.undo()
    for _ in range(5):
        assert (await forgot(desk, salon)).status == 202
    assert len(await mails_to(desk, salon.owner_email, salon.id)) == 1


@pytest.mark.parametrize("code", ["", "nonsense", "AAAA", "A" * 64, "ä" * 64])
async def test_what_is_no_code_is_refused(desk: Desk, code: str) -> None:
    """400 `invalid_code`, whatever it is."""
    assert code_of(await reset(desk, code)) == (400, "invalid_code")


async def test_a_code_runs_out(desk: Desk, salon: Tenant) -> None:
    """An hour later it is good for nothing."""
    await forgot(desk, salon)
    (mail,) = await mails_to(desk, salon.owner_email, salon.id)
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE one_time_code SET expires_at = clock_timestamp() - interval '1 second'"
        )
    assert code_of(await reset(desk, mail["code"])) == (400, "invalid_code")


async def test_a_disabled_account_gets_no_code_and_uses_none(desk: Desk, salon: Tenant) -> None:
    """Disabled before: no mail. Disabled after: the code is good for nothing."""
    made = await desk.ask(
        commands.UserCreate,
        salon.id,
        person("owner", salon.owner_id),
        email="bia@people.example",
        name="Bia",
        password=PASSWORD,
    )
    await forgot(desk, salon, "bia@people.example")
    (mail,) = await mails_to(desk, "bia@people.example", salon.id)
    await desk.ask(
        commands.UserUpdate,
        salon.id,
        person("owner", salon.owner_id),
        user_id=made.body["id"],
        active=False,
    )
    assert code_of(await reset(desk, mail["code"])) == (400, "invalid_code")
    await forgot(desk, salon, "bia@people.example")
    assert len(await mails_to(desk, "bia@people.example", salon.id)) == 1
