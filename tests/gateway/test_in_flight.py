"""How much may be under way at once at one gateway, and for whom it makes no difference."""

import asyncio
from pathlib import Path
from typing import Any

from tests.gateway.house import opened
from tests.gateway.server import ValkeyServer

MAIL = {"tenant": "acme", "email": "a@b.test"}


async def test_a_crowd_at_one_door_closes_no_other(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Of those who have not signed in, each thing that is asked for has its own share."""
    changed: dict[str, Any] = {"request_timeout_seconds": 1, "tenant_in_flight_max": 2}
    async with opened(own_valkey.url, tmp_path, **changed) as house:
        house.peer.script = lambda _: None
        crowd = [house.client.post("/auth/register", json=MAIL) for _ in range(5)]
        body = {**MAIL, "password": "x"}
        few = [house.client.post("/auth/token", json=body) for _ in range(2)]
        *crowded, first, second = await asyncio.gather(*crowd, *few)
        codes = sorted(one.json()["code"] for one in crowded)
        assert codes == ["overloaded"] * 3 + ["timeout"] * 2
        assert [first.json()["code"], second.json()["code"]] == ["timeout"] * 2
