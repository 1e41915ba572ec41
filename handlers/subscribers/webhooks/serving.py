"""What the subscriber process does for webhooks: serves, hears and sends."""

from contracts.wire.streams import PUBLISHING
from handlers.delivery.operations import own_queries
from handlers.delivery.process import Process
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.counting import AttemptCounts
from handlers.subscribers.webhooks.guard import Resolver
from handlers.subscribers.webhooks.hearing import hear
from handlers.subscribers.webhooks.posting import Poster
from handlers.subscribers.webhooks.recording import Records
from handlers.subscribers.webhooks.routes import webhook_routes
from handlers.subscribers.webhooks.sender import MOST_UNDER_WAY, Sender

NAME = "webhook"
DATABASE = "subscriber"


def serve_webhooks(process: Process) -> None:
    """Commands and queries, every context's events, and the sender beside them."""
    engine = process.engine(DATABASE)
    reach = Reach(loopback=process.settings.webhook_allow_private)
    about_itself = own_queries(NAME, engine, process.client, process.keyring, database=DATABASE)
    routes = webhook_routes(process.settings.secret_key.get_secret_value(), process.keyring, reach)
    process.serve(NAME, DATABASE, (*routes, *about_itself))
    process.consume(NAME, tuple(PUBLISHING), DATABASE, hear)
    poster = Poster(reach, Resolver(MOST_UNDER_WAY))
    sender = Sender(
        process.timer_engine(DATABASE),
        Records(engine, process.keyring),
        poster,
        failpoints=process.failpoints,
        count=AttemptCounts(process.metrics.registry).count,
    )
    process.every(sender.run)
