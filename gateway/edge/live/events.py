"""What the connections of a process that follow have in common."""

import asyncio

from contracts.catalogue import EVENTS
from gateway.edge.live.dealing import Dealer
from gateway.edge.live.seats import Seats
from gateway.edge.live.stream import EventStream, number_in
from gateway.edge.problems import refused
from gateway.edge.redis_line import LOST
from gateway.edge.stream_client import ended
from gateway.edge.visit import Visit

CONTEXT = "reservation"
TOLD = tuple(kind for kind in EVENTS if kind.startswith(("booking.", "waitlist.")))


class LiveEvents:
    """The stream, its one reader, and the seats."""

    def __init__(self, url: str, seats: Seats) -> None:
        self.history = EventStream(url, CONTEXT, TOLD)
        self._read = EventStream(url, CONTEXT, TOLD)
        self.dealer = Dealer(self._read)
        self.seats = seats
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.get_running_loop().create_task(self.dealer.run())]

    async def stop(self) -> None:
        await ended(self._tasks)
        await self.history.close()
        await self._read.close()

    async def beginning(self, visit: Visit) -> int:
        """The number after which the visitor wants to be told: that of Last-Event-ID, else of the
        last event there was. Raises Refused: 400 for what is no id, 410 where not all that follows
        is there any more, 503 without Redis."""
        given = visit.header(b"last-event-id")
        number = number_in(given) if given else None
        if given and number is None:
            raise refused("validation_failed", "Last-Event-ID takes an id as an event gave it.")
        try:
            bounds = await self.history.bounds()
        except LOST:
            raise refused("unavailable", "The message broker does not answer.") from None
        if number is None:
            return bounds.last
        if not bounds.reach(number):
            raise refused(
                "events_gone",
                "Not all that followed is kept. Read anew what there is, and follow without"
                " Last-Event-ID.",
            )
        return number
