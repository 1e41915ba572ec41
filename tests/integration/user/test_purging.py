"""Sign-ins and codes that ran out are forgotten, as the timers' role, whoever's they were."""

from typing import Any

import orjson

from contracts.user import credentials
from contracts.user.roles import RoleDelete, RoleUpdate
from contracts.wire.envelope import ANONYMOUS
from storage.delivery.engine import make_engine
from storage.user.purging import forget_deleted, forget_run_out
from tests.integration.desk import Desk
from tests.integration.postgres import Databases
from tests.integration.user.accounts import role
from tests.integration.user.conftest import Tenant
from tests.integration.user.door import refresh, sign_in
from tests.integration.user.people import OWNER


async def test_only_what_ended_long_ago_is_forgotten(
    desk: Desk, databases: Databases, salon: Tenant, clinic: Tenant
) -> None:
    """Of two tenants: ended sessions with their tokens and expired codes go, the rest stays."""
    kept = [await sign_in(desk, one) for one in (salon, clinic)]
    for one in (salon, clinic):
        await sign_in(desk, one)
        asked: dict[str, Any] = {"tenant": one.slug, "email": one.owner_email}
        await desk.ask(credentials.PasswordForgot, None, ANONYMOUS, **asked)
    both = [salon.id, clinic.id]
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE session SET revoked_at = clock_timestamp() - interval '31 days'"
            " WHERE session_id NOT IN (SELECT session_id FROM session s WHERE s.created_at ="
            " (SELECT min(created_at) FROM session o WHERE o.tenant_id = s.tenant_id))"
        )
        await connection.exec_driver_sql(
            "UPDATE one_time_code SET expires_at = clock_timestamp() - interval '31 days'"
        )
    timer = make_engine(databases.of("user").timer, connections=1, name="timer")
    await forget_run_out(timer, days=30)
    await timer.dispose()

    left = await desk.rows("SELECT 1 FROM session WHERE tenant_id = ANY(:both)", both=both)
    codes = await desk.rows("SELECT 1 FROM one_time_code WHERE tenant_id = ANY(:both)", both=both)
    assert (len(left), len(codes)) == (2, 0)
    for reply in kept:
        assert (await refresh(desk, reply.body["refresh_token"])).status == 200


async def test_what_roles_allow_is_newer_after_every_change(
    desk: Desk, databases: Databases, salon: Tenant
) -> None:
    """Also when rows of old ones have gone: an older fact would leave a narrowed role as wide as
    it was until the last token ends."""
    clerk = await role(desk, salon, "clerk", "report:read", "audit:read")
    other = await role(desk, salon, "other", "report:read")
    for permissions in (["audit:read"], ["report:read"], []):
        await desk.ask(RoleUpdate, salon.id, OWNER, role_id=other["id"], permissions=permissions)
    await desk.ask(RoleDelete, salon.id, OWNER, role_id=other["id"])
    (before,) = desk.facts
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE role SET deleted_at = clock_timestamp() - interval '31 days'"
            " WHERE deleted_at IS NOT NULL"
        )
    timer = make_engine(databases.of("user").timer, connections=1, name="timer")
    await forget_deleted(timer, days=30)
    await timer.dispose()
    assert not await desk.rows("SELECT 1 FROM role WHERE role_id = :it", it=other["id"])
    await desk.ask(RoleUpdate, salon.id, OWNER, role_id=clerk["id"], permissions=["report:read"])
    (after,) = desk.facts
    assert after.version > before.version
    assert orjson.loads(after.body or b"")["roles"] == {"clerk": ["report:read"]}
