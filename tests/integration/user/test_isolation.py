"""Nothing of one tenant is seen or changed by another, nor of the platform by any."""

from contracts.user import commands, credentials, queries
from contracts.user.api_keys import ApiKeyCreate
from contracts.user.calendar_tokens import UserMintCalendarToken
from contracts.user.roles import RoleCreate
from contracts.wire.envelope import ANONYMOUS
from contracts.wire.identity import NIL, new_id
from storage.user.tables import (
    ACCOUNT,
    API_KEY,
    CALENDAR_TOKEN,
    DIRECTORY,
    METADATA,
    ONE_TIME_CODE,
    REFRESH_TOKEN,
    ROLE,
    SESSION,
)
from tests.integration.desk import Desk, code_of
from tests.integration.isolation import (
    DENIED,
    count,
    refusal_of_a_foreign_row,
    tables_of_tenants,
    tenants_seen,
)
from tests.integration.user.conftest import PASSWORD, Tenant
from tests.integration.user.people import OWNER


async def enter(desk: Desk, tenant: Tenant) -> None:
    """The tenant has a row in each table."""
    reply = await desk.ask(
        commands.AuthToken,
        None,
        ANONYMOUS,
        tenant=tenant.slug,
        email=tenant.owner_email,
        password=PASSWORD,
    )
    assert reply.status == 200
    forgot = await desk.ask(
        credentials.PasswordForgot,
        None,
        ANONYMOUS,
        tenant=tenant.slug,
        email=tenant.owner_email,
    )
    assert forgot.status == 202
    made = await desk.ask(RoleCreate, tenant.id, OWNER, name="desk", permissions=[])
    assert made.status == 201
    key = await desk.ask(ApiKeyCreate, tenant.id, OWNER, name="till", scopes=["resource:read"])
    assert key.status == 201
    token = await desk.ask(UserMintCalendarToken, tenant.id, OWNER, user_id=tenant.owner_id)
    assert token.status == 201


async def test_row_level_security_alone_keeps_tenants_apart(
    desk: Desk, salon: Tenant, clinic: Tenant
) -> None:
    """Without any WHERE a tenant sees its own rows; without a tenant nobody sees any."""
    for tenant in (salon, clinic):
        await enter(desk, tenant)
    for table in tables_of_tenants(METADATA):
        assert await tenants_seen(desk.engine, table, salon.id) == {salon.id}, table.name
        assert await count(desk.engine, table) == 0, table.name
        assert await count(desk.administrator, table) > 0, table.name


async def test_the_platform_sees_whose_slug_it_is_and_no_more(
    desk: Desk, salon: Tenant, clinic: Tenant
) -> None:
    """Under the nil tenant the directory can be read; accounts and sessions are the platform's."""
    for tenant in (salon, clinic):
        await enter(desk, tenant)
    assert {salon.id, clinic.id} <= await tenants_seen(desk.engine, DIRECTORY, NIL)
    for table in (ACCOUNT, SESSION, REFRESH_TOKEN, ONE_TIME_CODE, ROLE, API_KEY, CALENDAR_TOKEN):
        assert await tenants_seen(desk.engine, table, NIL) <= {NIL}, table.name


async def test_no_row_is_written_over_to_another_tenant(
    desk: Desk, salon: Tenant, clinic: Tenant
) -> None:
    """An UPDATE that would give rows to another tenant is refused by the policy."""
    await enter(desk, salon)
    tables = (ACCOUNT, DIRECTORY, SESSION, REFRESH_TOKEN, ONE_TIME_CODE, ROLE, API_KEY)
    for table in (*tables, CALENDAR_TOKEN):
        found = await refusal_of_a_foreign_row(desk.engine, table, salon.id, clinic.id)
        assert found == DENIED, table.name


async def test_anothers_user_is_like_none(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """Every message about another tenant's user answers as about a random id: 404."""
    for user_id in (clinic.owner_id, new_id()):
        it = {"user_id": user_id}
        replies = [
            await desk.ask(queries.UserGet, salon.id, OWNER, **it),
            await desk.ask(commands.UserUpdate, salon.id, OWNER, name="X", **it),
            await desk.ask(commands.UserDelete, salon.id, OWNER, **it),
            await desk.ask(commands.UserRestore, salon.id, OWNER, **it),
        ]
        assert {code_of(reply) for reply in replies} == {(404, "not_found")}
