"""What the connections of a process that follow have in common."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable

from contracts.catalogue import EVENTS
from contracts.wire.problems import Problem
from gateway.edge.live.dealing import Dealer
from gateway.edge.live.stream import EventStream, number_in
from gateway.edge.problems import Refused, refused
from gateway.edge.redis_line import LOST
from gateway.edge.sign_in import Caller
from gateway.edge.stream_client import ended
from gateway.edge.visit import Visit

CONTEXT = "reservation"
TOLD = tuple(kind for kind in EVENTS if kind.startswith(("booking.", "waitlist.")))
# A seat that is free again is so when somebody leaves: nobody knows when.
_TRY_AGAIN_SECONDS = 30


class LiveEvents:
    """The stream, its one reader, and the seats."""

    def __init__(self, url: str, most_of_tenant: int, most_of_caller: int) -> None:
        self.history = EventStream(url, CONTEXT, TOLD)
        self._read = EventStream(url, CONTEXT, TOLD)
        self.dealer = Dealer(self._read)
        self._most_of_tenant = most_of_tenant
        self._most_of_caller = most_of_caller
        self._seats: Counter[Hashable] = Counter()
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

    def seat(self, caller: Caller) -> Callable[[], None]:
        """One of the tenant's seats and one of the caller's, and what gives them back. Raises
        Refused: 429 where the caller has theirs, 503 where the tenant has."""
        tenant, person = caller.tenant_id, (caller.tenant_id, caller.actor.label)
        if self._seats[person] >= self._most_of_caller:
            extra = {"retry_after": _TRY_AGAIN_SECONDS}
            detail = f"A caller may have {self._most_of_caller} connections that follow."
            raise Refused(Problem(code="rate_limited", detail=detail, extra=extra))
        if self._seats[tenant] >= self._most_of_tenant:
            raise refused("overloaded", "This tenant has too many connections that follow.")
        self._seats.update((tenant, person))
        return lambda: self._give_back(tenant, person)

    def _give_back(self, *seats: Hashable) -> None:
        for seat in seats:
            self._seats[seat] -= 1
            if not self._seats[seat]:
                del self._seats[seat]

    @property
    def seated(self) -> int:
        """How many connections follow."""
        return sum(count for seat, count in self._seats.items() if isinstance(seat, tuple))
