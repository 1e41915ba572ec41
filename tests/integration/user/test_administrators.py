"""Who administers the platform: seen, kept out, let in again, and never nobody."""

import asyncio
from typing import Any

from contracts.user import commands
from contracts.user.platform import PlatformAdminList, PlatformAdminSet
from contracts.wire.identity import NIL, new_id
from contracts.wire.reply import Reply
from tests.integration.desk import Desk, code_of
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.door import refresh, sign_in


async def somebody(desk: Desk) -> str:
    """A platform administrator; their address."""
    email = f"{new_id()}@platform.example"
    made = await desk.ask(commands.UserEnsurePlatformAdmin, None, email=email, password=PASSWORD)
    assert made.status == 201
    return email


async def told(desk: Desk, email: str, *, active: bool) -> Reply:
    return await desk.ask(PlatformAdminSet, None, email=email, active=active)


async def listed(desk: Desk) -> dict[str, bool]:
    """Who there are, and whether they can sign in."""
    reply = await desk.ask(PlatformAdminList, None)
    return {one["email"]: one["active"] for one in reply.body["items"]}


async def test_who_is_kept_out_is_out(desk: Desk, salon: Tenant) -> None:
    """Their sessions end, they do not sign in, and what happened is an event of the platform;
    enabled again they come in. A second time changes nothing."""
    await somebody(desk)
    email = await somebody(desk)
    platform: dict[str, Any] = {"tenant": None, "email": email}
    before = await sign_in(desk, salon, **platform)
    out = await told(desk, email.upper(), active=False)
    assert (out.status, out.body["active"]) == (200, False)
    kinds = {fact.kind: fact for fact in desk.facts}
    assert (kinds["session"].body, kinds["session"].tenant_id) == (None, NIL)
    (event,) = [one for one in await desk.events(out.body["id"]) if one.type == "user.updated"]
    assert event.data["changes"]["active"] == {"before": True, "after": False}
    assert (await refresh(desk, before.body["refresh_token"])).status == 401
    assert (await sign_in(desk, salon, **platform)).status == 401
    assert (await listed(desk))[email] is False
    assert (await told(desk, email, active=False)).status == 200
    assert len(await desk.events(out.body["id"])) == 2
    assert (await told(desk, email, active=True)).body["active"] is True
    assert (await sign_in(desk, salon, **platform)).status == 200


async def test_nobody_but_an_administrator_is_meant(desk: Desk, salon: Tenant) -> None:
    """An owner of a tenant is none, nor is nobody."""
    for email in (salon.owner_email, "nobody@platform.example"):
        assert code_of(await told(desk, email, active=False)) == (404, "not_found")


async def test_somebody_administers_the_platform(desk: Desk) -> None:
    """The last one stays, also where the last two are disabled at once."""
    two = {await somebody(desk), await somebody(desk)}
    others = [one for one, active in (await listed(desk)).items() if active and one not in two]
    for email in others:
        assert (await told(desk, email, active=False)).status == 200
    replies = await asyncio.gather(*(told(desk, email, active=False) for email in two))
    assert sorted(reply.status for reply in replies) == [200, 409]
    still = [one for one, active in (await listed(desk)).items() if active]
    assert len(still) == 1
    assert code_of(await told(desk, still[0], active=False)) == (409, "last_owner")
    for email in others:
        assert (await told(desk, email, active=True)).status == 200
