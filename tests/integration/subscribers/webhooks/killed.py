"""A sender in a process of its own, that dies by `kill -9` at a named place."""

import asyncio
import sys

from contracts.wire.sealing import Keyring
from handlers.delivery.failpoints import FailPoints
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.guard import Resolver
from handlers.subscribers.webhooks.posting import Poster
from handlers.subscribers.webhooks.recording import Records
from handlers.subscribers.webhooks.sender import Sender
from storage.delivery.engine import make_engine
from tests.integration.postgres import SECRET


async def send(place: str, timer: str, app: str) -> None:
    """Does not return."""
    sender = Sender(
        make_engine(timer, connections=2, name="killed"),
        Records(make_engine(app, connections=2, name="killed"), Keyring(SECRET)),
        Poster(Reach(loopback=True), Resolver(1)),
        failpoints=FailPoints(place, "subscriber", "development"),
    )
    await sender.take_up()
    await sender.rest()


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
