"""Driving a relay step by step."""

from contracts.wire.envelope import Envelope
from handlers.delivery.failpoints import FailPoints
from tests.integration.delivery.line import NO_FAILURE, Line

MOST_STEPS = 10_000


class Died(Exception):
    """What stands for SIGKILL inside this process."""


class Dying(FailPoints):
    """Dies at every place but each `survives`-th."""

    def __init__(self, survives: int) -> None:
        super().__init__("", "relay", "development")
        self.deaths = 0
        self._passed = 0
        self._survives = survives

    def passing(self, name: str) -> None:
        self._passed += 1
        if self._passed % self._survives:
            self.deaths += 1
            raise Died(name)


async def relayed(line: Line, failpoints: FailPoints = NO_FAILURE) -> list[tuple[str, Envelope]]:
    """All that is on the event stream after a relay has started and found nothing more to do; one
    that dies is started again."""
    for _ in range(MOST_STEPS):
        relay = line.relay(failpoints)
        async with line.relay_engine.connect() as connection:
            try:
                await relay.reconcile(connection)
                while await relay.step(connection):
                    pass
            except Died:
                continue
        return await line.events()
    raise AssertionError("the relay did not come to an end")
