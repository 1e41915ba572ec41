"""Alembic's environment, one for all: schema.py says which database and which metadata."""

from alembic import context
from sqlalchemy.engine import Connection

connection = context.config.attributes.get("connection")
metadata = context.config.attributes["metadata"]


def run(connection: Connection) -> None:
    """Runs the revisions in one transaction each, so that a failure leaves the last good one."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


if connection is None:
    raise RuntimeError("migrations run through storage.delivery.schema")
run(connection)
