"""Changing one's own address: asked for with the password, confirmed by a code from there."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.user import commands, credentials
from contracts.wire.envelope import ANONYMOUS, Actor
from contracts.wire.identity import new_id
from domain.user import mailing
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made
from tests.integration.user.addresses import (
    OLD,
    address_of,
    bia_of,
    change,
    code_to,
    codes_of,
    confirm,
    forgot,
    reset,
)
from tests.integration.user.conftest import PASSWORD, Heard, Tenant
from tests.integration.user.door import refresh, sign_in
from tests.integration.user.mails import mails_to
from tests.integration.user.people import OWNER, person
from tests.integration.user.test_trail import sent, told

NEW = "bia@new.example"
INVALID = (400, "invalid_code")


@pytest.fixture(autouse=True)
def no_wait_between_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks again at once, unless it is about just that."""
    monkeypatch.setattr(mailing, "BETWEEN_MAILS", timedelta(0))


async def test_an_address_counts_once_it_is_confirmed(desk: Desk, salon: Tenant) -> None:
    """change → mail → confirm: until then the old one counts, afterwards the new one. The old one
    is told, the session stays, the code is used, and the event says no address."""
    bia = await bia_of(desk, salon, locale="pt-BR")
    session = await sign_in(desk, salon, email=OLD)
    asked = await change(desk, salon, bia, NEW)
    assert (asked.status, asked.body) == (204, None)
    assert await address_of(desk, bia) == OLD
    (mail,) = await mails_to(desk, NEW, salon.id)
    said = (mail["template"], mail["name"], mail["locale"])
    assert said == ("email_change", "", "pt-BR")

    done = await confirm(desk, salon, bia, mail["code"])
    assert (done.status, done.body) == (204, None)
    assert await address_of(desk, bia) == NEW
    (news,) = await mails_to(desk, OLD, salon.id)
    assert (news["template"], news.get("code")) == ("email_changed", None)
    assert (await refresh(desk, session.body["refresh_token"])).status == 200
    assert (await sign_in(desk, salon, email=NEW)).status == 200
    assert (await sign_in(desk, salon, email=OLD)).status == 401
    event = (await desk.events(bia.id or ""))[-1]
    redacted = {"before": None, "after": None, "redacted": True}
    assert (event.type, event.sequence, event.data["changes"]) == (
        "user.updated",
        2,
        {"email": redacted},
    )
    assert code_of(await confirm(desk, salon, bia, mail["code"])) == INVALID
    assert [code.payload for code in await codes_of(desk, salon)] == [None]


async def test_nobody_learns_who_is_there(desk: Desk, salon: Tenant) -> None:
    """An address that is somebody's gets the answer that any other gets; its owner is told, in
    their own words, and gets no code. So is whoever asks for the address that they have."""
    bia = await bia_of(desk, salon)
    await made(desk, salon, "Caio", locale="es")
    free = await change(desk, salon, bia, NEW)
    taken = await change(desk, salon, bia, "CAIO@people.example")
    own = await change(desk, salon, bia, OLD)
    assert free == taken == own
    (mail,) = await mails_to(desk, "CAIO@people.example", salon.id)
    said = (mail["template"], mail["name"], mail["locale"], mail.get("code"))
    assert said == ("already_registered", "Caio", "es", None)
    assert await mails_to(desk, OLD, salon.id) == []


async def test_an_address_of_another_tenant_is_free(
    desk: Desk, salon: Tenant, clinic: Tenant
) -> None:
    """Who is a user there is no concern of this one."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, clinic.owner_email)
    (mail,) = await mails_to(desk, clinic.owner_email, salon.id)
    assert mail["template"] == "email_change"


async def test_an_address_is_spelled_otherwise(desk: Desk, salon: Tenant) -> None:
    """Nobody else has it: it is confirmed like any other."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, "Bia@People.example")
    code = await code_to(desk, salon, "Bia@People.example")
    assert (await confirm(desk, salon, bia, code)).status == 204
    assert await address_of(desk, bia) == "Bia@People.example"


async def test_the_current_password_is_asked_for(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """A wrong one is 401 and noted, and nothing is sent; a bad address is told without a look at
    the password."""
    bia = await bia_of(desk, salon)
    heard.notes.clear()
    wrong = await change(desk, salon, bia, NEW, current_password="a wrong one")
    assert code_of(wrong) == (401, "invalid_credentials")
    kind, about = "auth.email_change_failed", f"user/{bia.id}"
    (noted,) = heard.notes
    assert told(noted) == (kind, salon.id, bia.label, about, "invalid_credentials")
    bad = await change(desk, salon, bia, "no address", current_password="a wrong one")
    assert code_of(bad) == (400, "invalid_email")
    assert len(heard.notes) == 1
    assert await mails_to(desk, NEW, salon.id) == []


async def test_that_it_was_asked_for_leaves_a_record(desk: Desk, salon: Tenant) -> None:
    """By whom, about whom, and no address."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    (record,) = await sent(desk, salon.id)
    assert (record.event_type, record.subject) == (
        "auth.email_change_requested",
        f"user/{bia.id}",
    )
    assert record.requested_by.actor.label == bia.label
    assert NEW not in record.model_dump_json()


async def test_it_is_for_people_of_a_tenant(desk: Desk, salon: Tenant) -> None:
    """Machines have no address, and a platform administrator's is the one that is configured."""
    for actor in (
        Actor("service", "billing", (), frozenset({"*"})),
        Actor("platform", str(new_id()), ("platform_admin",)),
    ):
        tenant_id = None if actor.kind == "platform" else salon.id
        body: dict[str, Any] = {"email": NEW, "current_password": PASSWORD}
        asked = await desk.ask(credentials.EmailChange, tenant_id, actor, **body)
        given = await desk.ask(credentials.EmailConfirm, tenant_id, actor, code="none")
        assert code_of(asked) == code_of(given) == (403, "forbidden")


async def test_a_mailbox_is_not_filled(
    desk: Desk, salon: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked by several people within a minute, one mail is sent to an address, known or not; who
    registers with it or forgot their password is in nobody's way."""
    monkeypatch.undo()
    bia = await bia_of(desk, salon)
    eve = person("customer", (await made(desk, salon, "Eve", password=PASSWORD))["id"])
    await made(desk, salon, "Caio")
    await forgot(desk, salon, "caio@people.example")
    for email in (NEW, "caio@people.example"):
        for who in (bia, eve, bia):
            assert (await change(desk, salon, who, email)).status == 204
    templates = [mail["template"] for mail in await mails_to(desk, NEW, salon.id)]
    assert templates == ["email_change"]
    known = [mail["template"] for mail in await mails_to(desk, "caio@people.example", salon.id)]
    assert sorted(known) == ["already_registered", "password_reset"]


@pytest.mark.parametrize("code", ["", "nonsense", "A" * 64])
async def test_what_is_no_code_is_refused(desk: Desk, salon: Tenant, code: str) -> None:
    """400 `invalid_code`, whatever it is."""
    bia = await bia_of(desk, salon)
    assert code_of(await confirm(desk, salon, bia, code)) == INVALID


async def test_a_code_is_good_in_the_hands_of_who_asked(
    desk: Desk, salon: Tenant, clinic: Tenant
) -> None:
    """Whoever an address was mistyped to has the code and not the account; nor is it a code for a
    registration or a new password."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    code = await code_to(desk, salon, NEW)
    eve = person("customer", (await made(desk, salon, "Eve", password=PASSWORD))["id"])
    assert code_of(await confirm(desk, salon, eve, code)) == INVALID
    assert code_of(await confirm(desk, clinic, bia, code)) == INVALID
    assert code_of(await reset(desk, code)) == INVALID
    words: dict[str, Any] = {"code": code, "name": "Eve", "password": PASSWORD}
    registered = await desk.ask(credentials.RegisterConfirm, None, ANONYMOUS, **words)
    assert code_of(registered) == INVALID
    assert (await confirm(desk, salon, bia, code)).status == 204


async def test_a_code_runs_out(desk: Desk, salon: Tenant) -> None:
    """An hour later it is good for nothing."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE one_time_code SET expires_at = expires_at - interval '1 hour'"
        )
    assert code_of(await confirm(desk, salon, bia, await code_to(desk, salon, NEW))) == INVALID


async def test_an_address_taken_meanwhile_is_left_alone(desk: Desk, salon: Tenant) -> None:
    """Whoever has it keeps it: the code comes too late."""
    bia = await bia_of(desk, salon)
    await change(desk, salon, bia, NEW)
    await desk.ask(commands.UserCreate, salon.id, OWNER, email=NEW, name="Made by the owner")
    assert code_of(await confirm(desk, salon, bia, await code_to(desk, salon, NEW))) == INVALID
    assert await address_of(desk, bia) == OLD
    assert await mails_to(desk, OLD, salon.id) == []


async def test_it_is_no_part_of_a_patch_of_oneself(desk: Desk, salon: Tenant) -> None:
    """Whatever one may besides, and whether the address is known or not: 400 `use_email_change`,
    and nothing of the patch is done. The address that one has may be said."""
    bia = await bia_of(desk, salon)
    await made(desk, salon, "Caio")
    for who in (bia, person("owner", bia.id)):
        for email in (NEW, "caio@people.example", "BIA@people.example"):
            reply = await desk.ask(
                commands.UserUpdate, salon.id, who, user_id=who.id, email=email, name="B"
            )
            assert code_of(reply) == (400, "use_email_change")
    same = await desk.ask(commands.UserUpdate, salon.id, bia, user_id=bia.id, email=OLD, name="B")
    assert (same.status, same.body["name"], same.body["version"]) == (200, "B", 2)
