"""Bookings that are made, held, moved, cancelled, missed and kept, many at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import httpx

from tests.e2e.house import House, at, day_ahead, rfc
from tests.e2e.series import WEEKLY
from tests.waiting import eventually

CLIENTS = 8
SETTLE_SECONDS = 60.0
BOOKINGS = "/reservations/bookings/"
Body = dict[str, Any]


class Lives:
    """One after the other is begun by eight clients; each lives in hours of its own."""

    def __init__(self, house: House) -> None:
        self._house = house
        room: Body = {"kind": "space", "capacity": 1000}
        self._resources = [
            house.resource(**room, price={"amount": "19.99", "currency": "BRL", "per": "hour"}),
            house.resource(**room, price={"amount": "0.07", "currency": "BRL", "per": "minute"}),
            house.resource(
                **room,
                timezone="Asia/Tokyo",
                price={"amount": "50.00", "currency": "EUR", "per": "booking"},
            ),
            house.resource(**room),
        ]
        self._kinds: tuple[Callable[[int], Awaitable[None]], ...] = (
            *(self._ended, self._moved, self._missed, self._late, self._released),
            *(self._batch, self._series, self._wandering, self._bygone),
        )
        self._client: httpx.AsyncClient | None = None
        self.done = 0

    async def live(self, first: int, last: int) -> None:
        """All of these numbers, whatever dies meanwhile."""
        headers = {"Authorization": f"Bearer {self._house.owner.token}"}
        async with httpx.AsyncClient(
            base_url=self._house.base_url, headers=headers, timeout=30
        ) as self._client:
            numbers = iter(range(first, last))
            await asyncio.gather(*(self._worker(numbers) for _ in range(CLIENTS)))

    async def reached(self, goal: int) -> None:
        """So many have been lived to their end."""
        await eventually(lambda: self.done >= goal, 90)

    async def _worker(self, numbers: Any) -> None:
        for number in numbers:
            await self._kinds[number % len(self._kinds)](number)
            self.done += 1

    async def _do(self, path: str, body: Body, method: str = "POST") -> Any:
        """The body of the success, however often it has to be asked for under the same key."""
        assert self._client is not None
        headers = {"Idempotency-Key": str(uuid4())}
        request = self._client.build_request(method, path, json=body, headers=headers)
        return await eventually(partial(self._done, self._client, request), SETTLE_SECONDS)

    @staticmethod
    async def _done(client: httpx.AsyncClient, request: httpx.Request) -> Any:
        try:
            answer = await client.send(request)
        except httpx.TransportError:
            return None
        if answer.status_code in (200, 201):
            return answer.json()
        assert answer.status_code in (202, 503, 504), (request.url, answer.text)
        return None

    async def _booked(self, number: int, **more: Any) -> str:
        start = at(day_ahead(2 + number % 40), number % 20)
        body = {
            "id": str(uuid4()),
            "resource_id": self._resources[number % 4],
            "starts_at": rfc(start),
            "ends_at": rfc(start + timedelta(minutes=20 + 5 * (number % 7))),
            "quantity": 1 + number % 3,
            **more,
        }
        return str((await self._do(BOOKINGS, body))["id"])

    async def _become(self, booking: str, status: str) -> None:
        await self._do(f"{BOOKINGS}{booking}/status", {"status": status})

    async def _cancel(self, booking: str) -> None:
        await self._do(f"{BOOKINGS}{booking}/cancel", {})

    async def _ended(self, number: int) -> None:
        await self._cancel(await self._booked(number))

    async def _moved(self, number: int) -> None:
        booking = await self._booked(number, status="held")
        await self._become(booking, "confirmed")
        start = at(day_ahead(3 + number % 50), 21)
        place = {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(minutes=95))}
        await self._do(f"{BOOKINGS}{booking}", {**place, "quantity": 2}, "PATCH")

    async def _missed(self, number: int) -> None:
        others = [self._resources[(number + 1) % 4]]
        booking = await self._booked(number, additional_resource_ids=others)
        await self._become(booking, "no_show")

    async def _late(self, number: int) -> None:
        """Within the window of 24 hours: staff may, and it stays due."""
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
        times = {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(minutes=25))}
        await self._cancel(await self._booked(number, **times))

    async def _released(self, number: int) -> None:
        await self._cancel(await self._booked(number, status="held"))

    async def _batch(self, number: int) -> None:
        start = at(day_ahead(5 + number % 40), 2)
        one = {
            "resource_id": self._resources[number % 4],
            "starts_at": rfc(start),
            "ends_at": rfc(start + timedelta(minutes=10)),
        }
        made = await self._do(f"{BOOKINGS}batch", {"bookings": [one] * 3, "atomic": True})
        await self._cancel(made["results"][1]["booking"]["id"])

    async def _series(self, number: int) -> None:
        start = at(day_ahead(6 + number % 30), 4)
        body = {
            "resource_id": self._resources[number % 4],
            "starts_at": rfc(start),
            "ends_at": rfc(start + timedelta(minutes=50)),
            "recurring_pattern": {**WEEKLY, "count": 3},
        }
        made = await self._do("/reservations/series/", body)
        path = f"/reservations/series/{made['id']}"
        await self._do(path, {"scope": "all", "quantity": 2}, "PATCH")
        rest = {"scope": "following", "booking_id": made["bookings"][1]["id"]}
        await self._do(f"{path}/cancel", rest)

    async def _wandering(self, number: int) -> None:
        """From clocks to others and back."""
        booking = await self._booked(number, resource_id=self._resources[0])
        for resource in (self._resources[2], self._resources[3]):
            await self._do(f"{BOOKINGS}{booking}", {"resource_id": resource}, "PATCH")

    async def _bygone(self, number: int) -> None:
        """Written down afterwards, when its month may be over."""
        start = at(day_ahead(-40 + number % 40), 9)
        times = {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(minutes=30))}
        rules = ["in_the_past", "too_soon"]
        booking = await self._booked(number, **times, override_rules=rules)
        await self._become(booking, "completed")
