"""Staying signed in: rotation, grace, theft, and the end of a session."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest_asyncio

from contracts.user import commands
from contracts.wire.envelope import ANONYMOUS
from contracts.wire.identity import NIL, new_id
from handlers.user.refresh_tokens import parse
from tests.integration.desk import Desk, code_of
from tests.integration.user.conftest import Tenant
from tests.integration.user.door import refresh, sign_in


async def use_long_ago(desk: Desk, token: str) -> None:
    """The token's use lies further back than the grace goes."""
    found = parse(token)
    assert found is not None
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE refresh_token SET used_at = used_at - interval '11 seconds'"
            " WHERE token_hash = $1",
            (found.hash,),
        )


@pytest_asyncio.fixture
async def signed_in(desk: Desk, salon: Tenant) -> AsyncIterator[dict[str, Any]]:
    """The tokens of a fresh sign-in."""
    reply = await sign_in(desk, salon)
    assert reply.status == 200
    yield reply.body


async def test_a_refresh_rotates(desk: Desk, salon: Tenant, signed_in: dict[str, Any]) -> None:
    """Each refresh gives new tokens of the same session, with the roles of now."""
    first = await refresh(desk, signed_in["refresh_token"])
    second = await refresh(desk, first.body["refresh_token"])

    tokens = {body["refresh_token"] for body in (signed_in, first.body, second.body)}
    assert len(tokens) == 3
    sessions = {
        jwt.decode(body["access_token"], options={"verify_signature": False})["sid"]
        for body in (signed_in, first.body, second.body)
    }
    assert len(sessions) == 1


async def test_a_lost_answer_is_no_theft(desk: Desk, signed_in: dict[str, Any]) -> None:
    """The immediate predecessor gets the same successor again within ten seconds."""
    first = await refresh(desk, signed_in["refresh_token"])
    again = await refresh(desk, signed_in["refresh_token"])
    following = await refresh(desk, first.body["refresh_token"])

    assert again.body["refresh_token"] == first.body["refresh_token"]
    assert following.status == 200


async def test_a_late_second_use_revokes_the_family(desk: Desk, signed_in: dict[str, Any]) -> None:
    """After the grace a second use is refused, and the successor with it."""
    first = await refresh(desk, signed_in["refresh_token"])
    await use_long_ago(desk, signed_in["refresh_token"])
    stolen = await refresh(desk, signed_in["refresh_token"])
    successor = await refresh(desk, first.body["refresh_token"])

    assert code_of(stolen) == code_of(successor) == (401, "invalid_token")


async def test_a_stolen_family_takes_its_access_tokens_along(
    desk: Desk, salon: Tenant, signed_in: dict[str, Any]
) -> None:
    """Whoever stole a refresh token may have an access token too: that the session is over is known
    to everybody from the refusal on. A token that never was says no such thing."""
    await refresh(desk, signed_in["refresh_token"])
    await use_long_ago(desk, signed_in["refresh_token"])
    assert (await refresh(desk, signed_in["refresh_token"])).status == 401
    (fact,) = desk.facts
    session = jwt.decode(signed_in["access_token"], options={"verify_signature": False})["sid"]
    assert (fact.kind, str(fact.object_id), fact.body) == ("session", session, None)
    assert fact.tenant_id == salon.id
    assert (await refresh(desk, "made up")).status == 401
    assert desk.facts == ()


async def test_only_the_immediate_predecessor_has_grace(
    desk: Desk, signed_in: dict[str, Any]
) -> None:
    """Once the successor was used, its predecessor is a theft even at once."""
    first = await refresh(desk, signed_in["refresh_token"])
    second = await refresh(desk, first.body["refresh_token"])
    stolen = await refresh(desk, signed_in["refresh_token"])
    newest = await refresh(desk, second.body["refresh_token"])

    assert code_of(stolen) == code_of(newest) == (401, "invalid_token")


async def test_a_second_delivery_is_no_second_use(desk: Desk, signed_in: dict[str, Any]) -> None:
    """The same command delivered again after the grace revokes nothing."""
    command = new_id()
    first = await refresh(desk, signed_in["refresh_token"], command)
    await use_long_ago(desk, signed_in["refresh_token"])
    again = await refresh(desk, signed_in["refresh_token"], command)
    following = await refresh(desk, first.body["refresh_token"])

    assert code_of(again) == (503, "unavailable")
    assert following.status == 200


async def test_made_up_tokens_are_refused(
    desk: Desk, clinic: Tenant, signed_in: dict[str, Any]
) -> None:
    """Garbage, a changed secret, another tenant and another family are 401 and revoke nothing."""
    token = parse(signed_in["refresh_token"])
    assert token is not None
    parts = [
        (token.tenant_id, token.family_id, bytes(32)),
        (clinic.id, token.family_id, token.secret),
        (NIL, token.family_id, token.secret),
        (token.tenant_id, new_id(), token.secret),
    ]
    forged = [
        base64.urlsafe_b64encode(tenant.bytes + family.bytes + secret).decode().rstrip("=")
        for tenant, family, secret in parts
    ]
    for text in ("", "x", "é" * 20, "A" * 900, signed_in["refresh_token"] + "A", *forged):
        assert code_of(await refresh(desk, text)) == (401, "invalid_token")
    assert (await refresh(desk, signed_in["refresh_token"])).status == 200


async def test_signing_out_ends_the_session(desk: Desk, signed_in: dict[str, Any]) -> None:
    """After a logout no token of the family is good; logging out twice, or with garbage, is 204."""
    first = await refresh(desk, signed_in["refresh_token"])
    out = [
        await desk.ask(commands.AuthLogout, None, ANONYMOUS, refresh_token=token)
        for token in (signed_in["refresh_token"], signed_in["refresh_token"], "garbage")
    ]
    assert [reply.status for reply in out] == [204, 204, 204]
    assert code_of(await refresh(desk, first.body["refresh_token"])) == (401, "invalid_token")


async def test_a_session_runs_out(desk: Desk, salon: Tenant, signed_in: dict[str, Any]) -> None:
    """After thirty days one signs in again."""
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE session SET expires_at = expires_at - interval '30 days' WHERE tenant_id = $1",
            (salon.id,),
        )
    assert code_of(await refresh(desk, signed_in["refresh_token"])) == (401, "invalid_token")
