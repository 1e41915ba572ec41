"""The postman: at least once, tried again, given up, and forgotten."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from contracts.subscriber.mail import MailSend
from contracts.wire.identity import new_id
from contracts.wire.strict import rfc3339
from handlers.subscribers.notifications.postman import WAITS
from handlers.subscribers.notifications.smtp import Smtp, SmtpServer
from storage.subscriber.notifications import wipe_said
from tests.integration.subscribers.notifications.conftest import Office
from tests.integration.subscribers.notifications.mail_server import MailServer, mail_server
from tests.log_output import written

CODE = "rst_0123456789"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as found:
        yield found


def smtp_to(server: MailServer) -> Smtp:
    return Smtp(SmtpServer.read(f"smtp+plain://127.0.0.1:{server.port}"), 5)


async def queued(office: Office, tenant_id: UUID | None = None, **fields: Any) -> UUID:
    """A mail that is to be sent; its tenant's id."""
    tenant_id = tenant_id or new_id()
    said = {"to": "bia@salon.example", "name": "Bia", "template": "password_reset", "code": CODE}
    ends = rfc3339(datetime.now(UTC) + timedelta(hours=1))
    told = {**said, "expires_at": ends, **fields}
    reply = await office.desk.ask(MailSend, tenant_id, **told)
    assert reply.status == 204
    return tenant_id


async def test_a_mail_is_sent_once_and_logged(office: Office, server: MailServer) -> None:
    """A second round, and a second postman, have nothing to send any more."""
    tenant_id = await queued(office)
    first, second = office.postman(smtp_to(server)), office.postman(smtp_to(server))
    taken = await asyncio.gather(first.round(), second.round(), first.round())
    assert sum(taken) == 1
    (mail,) = server.taken
    body = mail.get_body(("plain",))
    assert body is not None
    assert CODE in body.get_content()
    assert await office.states(tenant_id) == [("sent", None, 1)]


async def test_a_code_that_has_run_out_is_not_sent(office: Office, server: MailServer) -> None:
    """It is of no use to anybody."""
    ended = rfc3339(datetime.now(UTC) - timedelta(seconds=1))
    tenant_id = await queued(office, expires_at=ended)
    await office.postman(smtp_to(server)).round()
    assert server.taken == []
    assert await office.states(tenant_id) == [("skipped", "expired", 1)]


async def test_a_refusal_for_now_is_tried_again(office: Office, server: MailServer) -> None:
    """Not at once; and later under the same Message-ID and date."""
    tenant_id = await queued(office)
    server.answers = ["451 later", "250 OK"]
    postman = office.postman(smtp_to(server))
    assert await postman.round() == 1
    assert await office.states(tenant_id) == [("queued", "smtp_451", 1)]
    assert await postman.round() == 0
    await office.make_due(tenant_id)
    assert await postman.round() == 1
    assert await office.states(tenant_id) == [("sent", None, 2)]
    assert len(server.taken) == 1


async def test_a_refusal_for_good_is_final(office: Office, server: MailServer) -> None:
    """It fails at the first attempt, and is never tried again; the log says whose it was, and
    nobody's address."""
    tenant_id = await queued(office)
    server.recipients = {"bia@salon.example": "550 no such box"}
    postman = office.postman(smtp_to(server))
    with written("json") as log:
        await postman.round()
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["reason"], line["tenant_id"]) == ("smtp_550", str(tenant_id))
    assert "@" not in log.getvalue()
    await office.make_due(tenant_id)
    assert await postman.round() == 0
    assert await office.states(tenant_id) == [("failed", "smtp_550", 1)]


async def test_it_is_given_up_in_the_end(office: Office, server: MailServer) -> None:
    """After two days of refusals for now it has failed."""
    tenant_id = await queued(office, expires_at=None, template="already_registered", code=None)
    server.answers = ["421 busy"] * (len(WAITS) + 1)
    postman = office.postman(smtp_to(server))
    for _ in range(len(WAITS) + 1):
        await office.make_due(tenant_id)
        assert await postman.round() == 1
    assert await office.states(tenant_id) == [("failed", "smtp_421", len(WAITS) + 1)]


async def test_an_owner_who_is_away_costs_no_attempt(office: Office, server: MailServer) -> None:
    """Nothing is sent on guessed words, and nothing is given up for that."""
    tenant_id = await queued(office)
    office.owners.away = True
    postman = office.postman(smtp_to(server))
    await postman.round()
    assert await office.states(tenant_id) == [("queued", "owner_unavailable", 0)]
    office.owners.away = False
    await office.make_due(tenant_id)
    await postman.round()
    assert await office.states(tenant_id) == [("sent", None, 1)]


async def test_at_rest_it_says_nothing_and_later_it_is_gone(
    office: Office, server: MailServer
) -> None:
    """Address and code are sealed while they wait; 72 hours after the end they are wiped, and what
    waits is not."""
    sent, waiting = await queued(office), new_id()
    await office.postman(smtp_to(server)).round()
    await queued(office, waiting)
    at_rest = str(await office.desk.rows("SELECT * FROM notification"))
    assert "bia@salon.example" not in at_rest
    assert CODE not in at_rest

    await wipe_said(office.timer, 72)
    assert await payloads(office) == 2
    aged = "UPDATE notification SET ended_at = now() - interval '73 hours' WHERE tenant_id = :it"
    await office.change(aged, sent)
    await wipe_said(office.timer, 72)
    assert await payloads(office) == 1
    assert await office.states(sent) == [("sent", None, 1)]


async def payloads(office: Office) -> int:
    rows = await office.desk.rows("SELECT 1 FROM notification WHERE payload IS NOT NULL")
    return len(rows)


async def test_a_postman_killed_after_sending_sends_again(
    office: Office, server: MailServer
) -> None:
    """At least once: `kill -9` between sending and recording leaves it claimed; when the claim has
    run out it is sent again, under the same Message-ID."""
    tenant_id = await queued(office)
    killed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.subscribers.notifications.killed",
        str(office.timer.url.render_as_string(hide_password=False)),
        str(server.port),
    )
    assert await killed.wait() == -9
    assert await office.states(tenant_id) == [("queued", None, 1)]
    postman = office.postman(smtp_to(server))
    assert await postman.round() == 0
    await office.make_due(tenant_id)
    assert await postman.round() == 1
    assert await office.states(tenant_id) == [("sent", None, 2)]
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


async def test_the_platform_writes_in_its_own_name(office: Office, server: MailServer) -> None:
    """A platform administrator belongs to no tenant; their mail comes from Slotstream."""
    reply = await office.desk.ask(
        MailSend, None, to="root@x.example", name="Root", template="already_registered"
    )
    assert reply.status == 204
    await office.postman(smtp_to(server)).round()
    assert server.taken[0]["From"] == "Slotstream <no-reply@platform.example>"


async def test_the_application_cannot_send(office: Office) -> None:
    """What is queued only the timers' role takes; the application adds and reads."""
    granted = await office.desk.rows(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE table_name = 'notification' AND grantee = 'slotstream_app'"
    )
    assert {row[0] for row in granted} == {"SELECT", "INSERT"}


async def test_a_tenant_is_told_at_its_own_address(office: Office, server: MailServer) -> None:
    """What concerns the tenant goes to its contact address, in its language; without one to an
    owner, and where there is none nobody is told, and the log says so."""
    tenant_id, silent, owned = new_id(), new_id(), new_id()
    about: dict[str, Any] = {"template": "webhook_disabled", "about": "hooks.example.com"}
    assert (await office.desk.ask(MailSend, tenant_id, **about)).status == 204
    await office.postman(smtp_to(server)).round()
    (mail,) = server.taken
    assert "oi@salon.example" in str(mail["To"])
    body = mail.get_body(("plain",))
    assert body is not None
    assert "hooks.example.com" in body.get_content()
    assert "nada mais é enviado" in body.get_content()
    office.owners.branding["contact_email"] = None
    office.owners.with_person()
    assert (await office.desk.ask(MailSend, silent, **about)).status == 204
    await office.postman(smtp_to(server)).round()
    assert await office.states(silent) == [("skipped", "no_recipient", 1)]
    office.owners.with_person(name="Ana", email="ana@salon.example", roles=["owner"], locale="es")
    assert (await office.desk.ask(MailSend, owned, **about)).status == 204
    await office.postman(smtp_to(server)).round()
    assert await office.states(owned) == [("sent", None, 1)]
    assert server.taken[-1]["To"] == "Ana <ana@salon.example>"
    assert server.taken[-1]["Content-Language"] == "es"
