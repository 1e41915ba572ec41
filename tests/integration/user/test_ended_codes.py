"""Codes that were mailed to somebody, and end with what they were mailed for."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.user import commands, credentials, personal_data
from domain.user import mailing
from tests.integration.desk import Desk, code_of
from tests.integration.user.addresses import (
    OLD,
    bia_of,
    change,
    code_to,
    codes_of,
    confirm,
    forgot,
    reset,
)
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.mails import mails_to
from tests.integration.user.people import OWNER

NEW, AGAIN = "bia@new.example", "bia@newer.example"
INVALID = (400, "invalid_code")


@pytest.fixture(autouse=True)
def no_wait_between_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks again at once."""
    monkeypatch.setattr(mailing, "BETWEEN_MAILS", timedelta(0))


async def test_no_code_outlives_the_address(desk: Desk, salon: Tenant) -> None:
    """Once another address counts, neither a code for a new password that went to the old one is
    good for anything, nor one for a third address; nobody else's ends."""
    bia = await bia_of(desk, salon)
    await forgot(desk, salon, OLD)
    await forgot(desk, salon, salon.owner_email)
    for email in (AGAIN, NEW):
        await change(desk, salon, bia, email)
    assert (await confirm(desk, salon, bia, await code_to(desk, salon, NEW))).status == 204
    (old, *_) = await mails_to(desk, OLD, salon.id)
    assert old["template"] == "password_reset"
    assert code_of(await reset(desk, old["code"])) == INVALID
    third = await code_to(desk, salon, AGAIN)
    assert code_of(await confirm(desk, salon, bia, third)) == INVALID
    assert (await reset(desk, await code_to(desk, salon, salon.owner_email))).status == 204


async def test_staff_change_an_address_and_the_codes_end(desk: Desk, salon: Tenant) -> None:
    """As with one's own: what was mailed to the old address, and what was on its way to another, is
    good for nothing. Another change leaves them."""
    bia = await bia_of(desk, salon)
    it: dict[str, Any] = {"user_id": bia.id}
    await forgot(desk, salon, OLD)
    await change(desk, salon, bia, NEW)
    await desk.ask(commands.UserUpdate, salon.id, OWNER, name="Beatriz", **it)
    assert [code.used_at for code in await codes_of(desk, salon)] == [None, None]
    moved = await desk.ask(commands.UserUpdate, salon.id, OWNER, email=AGAIN, **it)
    assert (moved.status, moved.body["email"]) == (200, AGAIN)
    old = await code_to(desk, salon, OLD)
    assert code_of(await reset(desk, old)) == INVALID
    assert code_of(await confirm(desk, salon, bia, await code_to(desk, salon, NEW))) == INVALID


async def test_a_code_that_was_under_way_when_the_address_changed(
    desk: Desk, salon: Tenant
) -> None:
    """A code for a new password is good for the address that it was mailed to: one that was made a
    moment before the change, and seen by nobody who ended the others, is none."""
    bia = await bia_of(desk, salon)
    await forgot(desk, salon, OLD)
    await desk.ask(commands.UserUpdate, salon.id, OWNER, email=NEW, user_id=bia.id)
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE one_time_code SET used_at = NULL WHERE tenant_id = '{salon.id}'"
        )
    assert code_of(await reset(desk, await code_to(desk, salon, OLD))) == INVALID


@pytest.mark.parametrize("way", ["change", "reset"])
async def test_a_new_password_ends_what_was_asked_for_with_the_old_one(
    desk: Desk, salon: Tenant, way: str
) -> None:
    """Whoever knew it and asked for an address of theirs does not get the account after all."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    if way == "change":
        new: dict[str, Any] = {"current_password": PASSWORD, "new_password": "plums in the icebox"}
        assert (await desk.ask(credentials.PasswordChange, salon.id, bia, **new)).status == 200
    else:
        await forgot(desk, salon, OLD)
        assert (await reset(desk, await code_to(desk, salon, OLD))).status == 204
    assert code_of(await confirm(desk, salon, bia, await code_to(desk, salon, NEW))) == INVALID


async def test_a_disabled_account_confirms_nothing(desk: Desk, salon: Tenant) -> None:
    """Nor asks for anything."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    await desk.ask(commands.UserUpdate, salon.id, OWNER, user_id=bia.id, active=False)
    assert code_of(await confirm(desk, salon, bia, await code_to(desk, salon, NEW))) == INVALID
    assert (await change(desk, salon, bia, AGAIN)).status == 401
    assert await mails_to(desk, AGAIN, salon.id) == []


async def test_nothing_of_an_erased_person_waits_to_be_confirmed(desk: Desk, salon: Tenant) -> None:
    """Neither the new address nor that it was asked for by them."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    await desk.begin(personal_data.UserErase, salon.id, OWNER, user_id=bia.id)
    assert NEW not in str(await codes_of(desk, salon))
