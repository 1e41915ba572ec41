"""What the subscriber process does about billing: hears, and answers."""

from handlers.delivery.process import Process
from handlers.subscribers.billing.hearing import SOURCES, TYPES, hear
from handlers.subscribers.billing.questions import billing_routes

NAME = "billing"
DATABASE = "subscriber"


def bill(process: Process) -> None:
    """What bookings, resources and tenants tell is counted, and asked for."""
    process.serve(NAME, DATABASE, billing_routes(process.settings.secret_key.get_secret_value()))
    process.consume(NAME, SOURCES, DATABASE, hear, TYPES)
