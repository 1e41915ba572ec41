"""What the subscriber process does about billing: hears, and answers."""

from handlers.delivery.operations import own_ping
from handlers.delivery.process import Process
from handlers.subscribers.billing.hearing import SOURCES, TYPES, hear
from handlers.subscribers.billing.questions import billing_routes

NAME = "billing"
DATABASE = "subscriber"


def bill(process: Process) -> None:
    """What bookings, resources and tenants tell is counted, and asked for."""
    routes = billing_routes(process.settings.secret_key.get_secret_value())
    about_itself = own_ping(NAME, process.engine(DATABASE), database=DATABASE)
    process.serve(NAME, DATABASE, (*routes, about_itself))
    process.consume(NAME, SOURCES, DATABASE, hear, TYPES)
