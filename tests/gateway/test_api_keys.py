"""What a key of a machine may at the gateway, and from where."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.wire.strict import rfc3339
from gateway.edge import api_keys
from gateway.edge.client_address import UNKNOWN
from tests.gateway.house import House, opened
from tests.gateway.machines import PATH, READ, Registry, called, new_key
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import ACME, GLOBEX


async def test_a_key_speaks_for_itself(house: House, registry: Registry) -> None:
    """The message's actor is a service of the key's id and scopes, in the key's tenant."""
    key_id = str(uuid4())
    registry.said = registry.known(apikey_id=key_id, scopes=[READ, "*"])
    assert await called(house, new_key()) == (200, None)
    actor = house.peer.last.actor
    assert (actor.kind, actor.id, actor.roles) == ("service", key_id, ("api_key",))
    assert actor.permissions == {READ}
    assert house.peer.last.tenant_id == ACME


async def test_a_token_beside_a_key_is_refused(house: House, registry: Registry) -> None:
    """Both at once are 401, however good each is."""
    headers = house.signer.bearer(READ)
    assert await called(house, new_key(), **headers) == (401, "invalid_token")
    assert house.peer.heard == []


async def test_a_key_may_what_its_scopes_say(house: House, registry: Registry) -> None:
    """403 without the permission; another tenant's path is 404, and so is another X-Tenant-ID."""
    key = {"x-api-key": new_key()}
    statuses = [
        (await house.client.get(path, headers={**key, **more})).status_code
        for path, more in (
            ("/users/", {}),
            (f"/tenants/{GLOBEX}", {}),
            (PATH, {"x-tenant-id": str(GLOBEX)}),
            (PATH, {"x-tenant-id": str(ACME)}),
        )
    ]
    assert statuses == [403, 404, 404, 200]


async def test_a_key_is_never_the_platforms(house: House, registry: Registry) -> None:
    """What no tenant's caller may do, a key may not, whatever its scopes are said to be."""
    registry.said = registry.known(scopes=["*"])
    answer = await house.client.get("/tenants/", headers={"x-api-key": new_key()})
    assert answer.status_code == 403


@pytest.mark.parametrize(("ends_in", "expected"), [(60, (200, None)), (-1, (401, "invalid_token"))])
async def test_a_key_runs_out(
    house: House, registry: Registry, ends_in: int, expected: tuple[int, str | None]
) -> None:
    """Also while what was said of it is still believed."""
    ends_at = datetime.now(UTC) + timedelta(seconds=ends_in)
    registry.said = registry.known(expires_at=rfc3339(ends_at))
    assert await called(house, new_key()) == expected


@pytest.mark.parametrize(
    ("cidrs", "status"),
    [
        (["127.0.0.0/8"], 200),
        (["192.0.2.0/24", "127.0.0.1/32"], 200),
        (["192.0.2.0/24"], 401),
        (["::/0"], 401),
    ],
)
async def test_a_key_is_good_from_its_networks(
    house: House, registry: Registry, cidrs: list[str], status: int
) -> None:
    """Elsewhere it is 401 like one that is unknown; X-Forwarded-For is not believed."""
    registry.said = registry.known(cidrs=cidrs)
    key = new_key()
    assert (await called(house, key))[0] == status
    assert (await called(house, key, x_forwarded_for="192.0.2.7"))[0] == status


def test_an_address_that_nobody_knows_is_in_no_network() -> None:
    """A connection without one, a Unix socket's say, is not from where the key may be used."""
    everywhere = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not api_keys._is_within(UNKNOWN, everywhere)
    assert api_keys._is_within("2001:db8::1", everywhere)


async def test_forwarded_addresses_are_believed_from_trusted_proxies(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """With TRUSTED_PROXIES the client's own address counts."""
    async with opened(own_valkey.url, tmp_path, trusted_proxies="127.0.0.0/8") as found:
        registry = Registry()
        found.peer.script = registry
        registry.said = registry.known(cidrs=["192.0.2.0/24"])
        key = new_key()
        assert (await called(found, key, x_forwarded_for="192.0.2.7"))[0] == 200
        assert (await called(found, key, x_forwarded_for="198.51.100.7"))[0] == 401
