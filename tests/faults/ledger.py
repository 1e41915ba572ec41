"""Load with a ledger: what was asked, what was answered, and what is there afterwards."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx

from tests.e2e.house import House, rfc
from tests.waiting import eventually

CLIENTS = 8
SETTLE_SECONDS = 60.0


@dataclass
class Ledger:
    """Bookings of distinct slots, each under an Idempotency-Key of its own."""

    house: House
    resource: str
    first: datetime
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    # How often each status was answered; 0 is a connection that broke.
    statuses: Counter[int] = field(default_factory=Counter)
    stopping: bool = False

    async def load(self, clients: int = CLIENTS) -> None:
        """So many clients book until `stopping`, each repeating a request until it is a booking."""
        headers = {"Authorization": f"Bearer {self.house.owner.token}"}
        async with httpx.AsyncClient(
            base_url=self.house.base_url, headers=headers, timeout=30
        ) as client:
            await asyncio.gather(*(self._client(client) for _ in range(clients)))

    async def settle(self) -> None:
        """Every key is asked again until its outcome is known: each is a booking by then."""
        headers = {"Authorization": f"Bearer {self.house.owner.token}"}
        async with httpx.AsyncClient(
            base_url=self.house.base_url, headers=headers, timeout=30
        ) as client:
            keys = iter(tuple(self.asked))
            await asyncio.gather(*(self._settled(client, keys) for _ in range(CLIENTS)))

    def check(self) -> None:
        """Every answer of 201 is a booking that is there, and nothing else is; each has the one
        event of its one version."""
        listed: list[str] = []
        cursor: str | None = None
        while True:
            params: dict[str, Any] = {"resource_id": self.resource, "limit": 200}
            if cursor:
                params["cursor"] = cursor
            page = self.house.owner.get("/reservations/bookings/", **params).json()
            listed += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(listed) == len(set(listed))
        assert set(listed) == set(self.made.values())

    def events(self) -> dict[str, list[int]]:
        """The sequences of the events of this ledger's bookings, as the stream has them."""
        found: dict[str, list[int]] = {}
        ours = set(self.made.values())
        entries: Any = self.house.redis.xrange("reservation.events")
        for _, fields in entries:
            booking = json.loads(fields[b"data"])["id"]
            if booking in ours:
                found.setdefault(booking, []).append(int(fields[b"sequence"]))
        return found

    async def _client(self, client: httpx.AsyncClient) -> None:
        while not self.stopping:
            start = self.first + timedelta(minutes=5 * len(self.asked))
            key = str(uuid4())
            self.asked[key] = {
                "resource_id": self.resource,
                "starts_at": rfc(start),
                "ends_at": rfc(start + timedelta(minutes=5)),
            }
            while key not in self.made and not self.stopping:
                await self._ask(client, key)

    async def _settled(self, client: httpx.AsyncClient, keys: Iterator[str]) -> None:
        for key in keys:
            await eventually(partial(self._is_made, client, key), SETTLE_SECONDS)

    async def _is_made(self, client: httpx.AsyncClient, key: str) -> bool:
        if key not in self.made:
            await self._ask(client, key)
        return key in self.made

    async def _ask(self, client: httpx.AsyncClient, key: str) -> None:
        try:
            answer = await client.post(
                "/reservations/bookings/", json=self.asked[key], headers={"Idempotency-Key": key}
            )
        except httpx.TransportError:
            self.statuses[0] += 1
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code == 201:
            identity = answer.json()["id"]
            assert self.made.setdefault(key, identity) == identity, "one key made two bookings"
