"""Who came, who was turned away and who was given what: noted for the audit trail."""

from typing import Any
from uuid import UUID

import pytest

from contracts.subscriber.audit import AuditNotice
from contracts.user import commands
from contracts.user.api_keys import ApiKeyDelete
from contracts.user.credentials import PasswordChange, PasswordForgot, PasswordReset
from contracts.user.personal_data import UserExport
from contracts.wire.codec import decode
from contracts.wire.envelope import ANONYMOUS
from contracts.wire.identity import new_id
from contracts.wire.noticing import Noticed
from handlers.delivery.work import Unavailable
from handlers.user.key_text import KeyText, parse
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made
from tests.integration.user.conftest import PASSWORD, Heard, Tenant
from tests.integration.user.door import refresh, sign_in
from tests.integration.user.machines import new_key, verified
from tests.integration.user.mails import mails_to
from tests.integration.user.people import OWNER, person
from tests.integration.user.test_refresh import use_long_ago

NEW = "a wholly different phrase"


async def sent(desk: Desk, tenant_id: UUID) -> list[AuditNotice]:
    """The records that leave with transactions, oldest first."""
    rows = await desk.rows(
        "SELECT fields ->> 'data' FROM outbox WHERE type = 'audit.record'"
        " AND fields ->> 'tenantid' = :tenant ORDER BY id",
        tenant=str(tenant_id),
    )
    return [AuditNotice.model_validate_json(row[0]) for row in rows]


def told(noted: Noticed) -> tuple[Any, ...]:
    return noted.event_type, noted.tenant_id, noted.actor.label, noted.subject, noted.reason


async def test_a_sign_in_leaves_a_record(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """It leaves with the session, in the tenant: the user, by themselves."""
    assert (await sign_in(desk, salon)).status == 200
    (record,) = await sent(desk, salon.id)
    assert (record.event_type, record.outcome) == ("auth.signed_in", "succeeded")
    assert record.requested_by.actor.label == f"user:{salon.owner_id}"
    assert record.subject == f"user/{salon.owner_id}"
    assert heard.notes == []


async def test_a_failed_sign_in_is_noted(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """By nobody, about the account that was tried; what was typed is not in it."""
    await sign_in(desk, salon, password="wrong")
    (noted,) = heard.notes
    about = f"user/{salon.owner_id}"
    expected = ("auth.sign_in_failed", salon.id, "anonymous", about, "invalid_credentials")
    assert told(noted) == expected
    assert salon.owner_email not in repr(noted)
    assert await sent(desk, salon.id) == []


async def test_an_unknown_account_is_nobody(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """In a tenant that there is it is noted without an account; two that were typed are two, and
    one that is spelled otherwise is the same."""
    for email in ("no@x.example", "neither@x.example", "NO@x.example"):
        await sign_in(desk, salon, email=email)
    assert [noted.subject for noted in heard.notes] == ["", "", ""]
    first, second, third = (noted.kind for noted in heard.notes)
    assert (first != second, first == third) == (True, True)


async def test_an_unknown_tenants_failure_is_nobodys(
    desk: Desk, salon: Tenant, heard: Heard
) -> None:
    """Where there is no such tenant nothing is noted."""
    reply = await sign_in(desk, salon, tenant=f"no-{salon.slug}")
    assert code_of(reply) == (401, "invalid_credentials")
    assert heard.notes == []


async def test_the_platforms_failures_are_the_platforms(
    desk: Desk, salon: Tenant, heard: Heard
) -> None:
    """A failed sign-in without a tenant is in no tenant's trail."""
    await sign_in(desk, salon, tenant=None)
    (noted,) = heard.notes
    assert (noted.tenant_id, noted.subject) == (None, "")


async def test_a_disabled_account_is_named(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """The right password of somebody who is out is a failure with their account's name."""
    bia = await made(desk, salon, "Bia", password=PASSWORD, active=False)
    reply = await sign_in(desk, salon, email="bia@people.example")
    assert code_of(reply) == (401, "invalid_credentials")
    assert [noted.subject for noted in heard.notes] == [f"user/{bia['id']}"]


async def test_a_token_that_is_used_twice_is_noted(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """Once, when its family is revoked: whose it was. Later uses say nothing new."""
    token = (await sign_in(desk, salon)).body["refresh_token"]
    await refresh(desk, token)
    await use_long_ago(desk, token)
    for _ in range(3):
        assert code_of(await refresh(desk, token)) == (401, "invalid_token")
    (noted,) = heard.notes
    about = f"user/{salon.owner_id}"
    assert told(noted) == ("auth.token_reused", salon.id, "anonymous", about, "invalid_token")


async def test_signing_out_leaves_one_record(desk: Desk, salon: Tenant) -> None:
    """The first time; a token that is good for nothing already leaves none."""
    token = (await sign_in(desk, salon)).body["refresh_token"]
    for _ in range(2):
        reply = await desk.ask(commands.AuthLogout, None, ANONYMOUS, refresh_token=token)
        assert reply.status == 204
    kinds = [one.event_type for one in await sent(desk, salon.id)]
    assert kinds == ["auth.signed_in", "auth.signed_out"]


async def test_a_new_password_is_an_event(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """That it changed, and not from what to what; that a change failed is noted."""
    owner = person("owner", salon.owner_id)
    words: dict[str, Any] = {"current_password": "wrong", "new_password": NEW}
    await desk.ask(PasswordChange, salon.id, owner, **words)
    (noted,) = heard.notes
    about = f"user/{salon.owner_id}"
    kind, reason = "auth.password_change_failed", "invalid_credentials"
    assert told(noted) == (kind, salon.id, owner.label, about, reason)
    reply = await desk.ask(
        PasswordChange, salon.id, owner, current_password=PASSWORD, new_password=NEW
    )
    assert reply.status == 200
    event = (await desk.events(salon.owner_id))[-1]
    redacted = {"before": None, "after": None, "redacted": True}
    assert (event.type, event.data["changes"]) == (
        "user.password_changed",
        {"password": redacted},
    )


async def test_a_forgotten_password_leaves_records(desk: Desk, salon: Tenant) -> None:
    """That a code was asked for and that it was used, both by nobody in particular; nothing of
    somebody who is not there."""
    for email in (salon.owner_email, "no@x.example"):
        asked: dict[str, Any] = {"tenant": salon.slug, "email": email}
        assert (await desk.ask(PasswordForgot, None, ANONYMOUS, **asked)).status == 202
    (record,) = await sent(desk, salon.id)
    assert record.event_type == "auth.password_reset_requested"
    assert (record.requested_by.kind, record.subject) == ("anonymous", f"user/{salon.owner_id}")
    (mail,) = await mails_to(desk, salon.owner_email, salon.id)
    reply = await desk.ask(PasswordReset, None, ANONYMOUS, code=mail["code"], new_password=NEW)
    assert reply.status == 204
    event = (await desk.events(salon.owner_id))[-1]
    assert event.type == "user.password_changed"
    assert decode({name: text.encode() for name, text in event.fields.items()}).actor == ANONYMOUS


async def test_a_key_that_is_refused_is_noted(desk: Desk, salon: Tenant, heard: Heard) -> None:
    """A deleted key is named as who was refused; who has not all of it is nobody; a key that never
    was concerns nobody."""
    key = (await new_key(desk, salon)).body
    parts = parse(key["key"])
    assert parts is not None
    assert (await verified(desk, key["key"])).status == 200
    await verified(desk, KeyText(parts.key_id, salon.id, bytes(32)).text)
    await verified(desk, KeyText(new_id(), salon.id, bytes(32)).text)
    await desk.ask(ApiKeyDelete, salon.id, OWNER, apikey_id=key["id"])
    await verified(desk, key["key"])
    about, kind = f"apikey/{key['id']}", "apikey.use_refused"
    assert [told(noted) for noted in heard.notes] == [
        (kind, salon.id, "anonymous", about, "wrong_secret"),
        (kind, salon.id, f"service:{key['id']}", about, "deleted"),
    ]


async def test_an_export_is_noted_before_it_is_given(
    desk: Desk, salon: Tenant, heard: Heard
) -> None:
    """Whose data was given to whom; nothing is noted of one that was refused."""
    owner = person("owner", salon.owner_id)
    bia = await made(desk, salon, "Bia")
    stranger = person("customer")
    assert (await desk.ask(UserExport, salon.id, stranger, user_id=bia["id"])).status == 404
    assert heard.notes == []
    # There is nobody here who could be asked for the rest of it.
    with pytest.raises(Unavailable):
        await desk.ask(UserExport, salon.id, owner, user_id=bia["id"])
    (noted,) = heard.notes
    assert (noted.outcome, noted.event_type) == ("succeeded", "user.exported")
    assert (noted.actor.label, noted.subject) == (owner.label, f"user/{bia['id']}")
