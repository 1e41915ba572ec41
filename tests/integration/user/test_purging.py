"""Sign-ins and codes that ran out are forgotten, as the timers' role, whoever's they were."""

from typing import Any

from contracts.user import credentials
from contracts.wire.envelope import ANONYMOUS
from storage.delivery.engine import make_engine
from storage.user.purging import forget_run_out
from tests.integration.desk import Desk
from tests.integration.postgres import Databases
from tests.integration.user.conftest import Tenant
from tests.integration.user.door import refresh, sign_in


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
