"""Who makes, lists and ends which keys of machines."""

from datetime import UTC, datetime

import orjson
import pytest

from contracts.user.api_keys import ApiKeyDelete, ApiKeyList
from contracts.user.queries import AuthMe
from contracts.user.views import MeView
from contracts.wire.envelope import KEY_ROLE, Actor
from contracts.wire.identity import new_id
from contracts.wire.strict import rfc3339
from handlers.user import api_keys
from tests.integration.desk import Desk, code_of
from tests.integration.user.conftest import Tenant
from tests.integration.user.machines import SCOPES, new_key, verified
from tests.integration.user.people import MANAGER, OWNER, PLATFORM


async def test_nobody_grants_a_key_what_they_lack(desk: Desk, salon: Tenant) -> None:
    """Scopes are the maker's own; a key that makes keys hands on no more than it holds."""
    scopes = ["apikey:manage", "resource:read"]
    own = (await new_key(desk, salon, scopes=scopes)).body
    key = Actor("service", own["id"], (KEY_ROLE,), frozenset(scopes))
    for actor, scopes, expected in (
        (PLATFORM, ["tenant:create"], (400, "unknown_permission")),
        (OWNER, ["no:such", "*"], (400, "unknown_permission")),
        (OWNER, [], (400, None)),
        (key, ["booking:read:any"], (403, "forbidden")),
        (key, ["resource:read"], (201, None)),
        (MANAGER, ["resource:read"], (403, "forbidden")),
    ):
        if not scopes:
            with pytest.raises(ValueError, match="at least 1"):
                await new_key(desk, salon, actor, scopes=scopes)
            continue
        assert code_of(await new_key(desk, salon, actor, scopes=scopes)) == expected


@pytest.mark.parametrize("cidr", ["10.0.0.1/8", "localhost", "192.0.2.0/33", "::1/129", "", "*"])
async def test_a_network_is_one(desk: Desk, salon: Tenant, cidr: str) -> None:
    """What is no network, or says bits of an address beyond its length, is refused."""
    with pytest.raises(ValueError, match="network"):
        await new_key(desk, salon, cidrs=[cidr])


async def test_keys_are_listed_page_by_page(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """By age, one's own tenant's alone."""
    for name in ("a", "b", "c"):
        await new_key(desk, salon, name=name)
    await new_key(desk, clinic, name="theirs")
    first = await desk.ask(ApiKeyList, salon.id, OWNER, limit=2)
    rest = await desk.ask(ApiKeyList, salon.id, OWNER, limit=2, cursor=first.body["next_cursor"])
    wrong = await desk.ask(ApiKeyList, salon.id, OWNER, cursor="x" * 40)
    names = [item["name"] for page in (first, rest) for item in page.body["items"]]
    assert names == ["a", "b", "c"]
    assert rest.body["next_cursor"] is None
    assert code_of(wrong) == (400, "invalid_cursor")


async def test_an_id_and_a_number_have_bounds(
    desk: Desk, salon: Tenant, clinic: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A taken id is 409, another tenant's is free; so is a place among the keys that are valid."""
    key_id = str(new_id())
    assert (await new_key(desk, salon, id=key_id)).status == 201
    assert (await new_key(desk, clinic, id=key_id)).status == 201
    assert code_of(await new_key(desk, salon, id=key_id)) == (409, "id_in_use")
    monkeypatch.setattr(api_keys, "MOST_KEYS", 1)
    assert code_of(await new_key(desk, salon)) == (409, "limit_reached")
    await desk.ask(ApiKeyDelete, salon.id, OWNER, apikey_id=key_id)
    assert (await new_key(desk, salon)).status == 201


async def test_anothers_key_is_like_none(desk: Desk, salon: Tenant, clinic: Tenant) -> None:
    """To delete another tenant's key is 404, as a random id is."""
    theirs = (await new_key(desk, clinic)).body
    for key_id in (theirs["id"], new_id()):
        reply = await desk.ask(ApiKeyDelete, salon.id, OWNER, apikey_id=key_id)
        assert code_of(reply) == (404, "not_found")
    assert (await verified(desk, theirs["key"])).status == 200


async def test_a_key_makes_none_that_is_more_than_itself(desk: Desk, salon: Tenant) -> None:
    """Neither for longer nor for other networks: one that has leaked would come back as another."""
    ends, later = (rfc3339(datetime(year, 1, 1, tzinfo=UTC)) for year in (2090, 2091))
    scopes = ["apikey:manage", "resource:read"]
    nets = ["192.0.2.0/24", "2001:db8::/32"]
    own = (await new_key(desk, salon, scopes=scopes, cidrs=nets, expires_at=ends)).body
    machine = Actor("service", own["id"], (KEY_ROLE,), frozenset(scopes))

    async def tried(cidrs: list[str], expires_at: str | None) -> tuple[int, set[str]]:
        made = await new_key(
            desk, salon, machine, scopes=["resource:read"], cidrs=cidrs, expires_at=expires_at
        )
        if made.status == 201:
            return made.status, set()
        assert made.problem is not None
        return made.status, {one["field"] for one in made.problem.get("errors", ())}

    assert await tried(["192.0.2.7"], ends) == (201, set())
    assert await tried(["2001:db8:1::/48", "192.0.2.0/24"], ends) == (201, set())
    assert await tried([], ends) == (403, {"cidrs"})
    assert await tried(["192.0.2.0/23"], ends) == (403, {"cidrs"})
    assert await tried(["192.0.2.7", "203.0.113.1"], ends) == (403, {"cidrs"})
    assert await tried(["192.0.2.7"], later) == (403, {"expires_at"})
    assert await tried(["::/0"], None) == (403, {"cidrs", "expires_at"})
    await desk.ask(ApiKeyDelete, salon.id, OWNER, apikey_id=own["id"])
    assert await tried(["192.0.2.7"], ends) == (401, set())


async def test_a_key_says_who_it_is(desk: Desk, salon: Tenant) -> None:
    """`auth.me` of a key is its name and scopes; of one that is deleted, 401."""
    key = (await new_key(desk, salon)).body
    machine = Actor("service", key["id"], (KEY_ROLE,), frozenset(SCOPES))
    me = await desk.ask(AuthMe, salon.id, machine)
    await desk.ask(ApiKeyDelete, salon.id, OWNER, apikey_id=key["id"])
    gone = await desk.ask(AuthMe, salon.id, machine)
    publisher = await desk.ask(AuthMe, salon.id, Actor("service", "demo", ("service",)))

    view = MeView.model_validate_json(orjson.dumps(me.body))
    assert (view.kind, view.name, view.roles) == ("service", "till", ())
    assert view.permissions == tuple(SCOPES)
    assert code_of(gone) == code_of(publisher) == (401, "unauthorized")
