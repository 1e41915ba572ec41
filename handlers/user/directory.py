"""Keeping the directory of tenants true: their events say who may sign in under which slug."""

import orjson

from contracts.wire.envelope import Envelope
from storage.delivery.transaction import Writing
from storage.user.directory import DELETED, DirectoryRow, keep

# What the group of this consumer needs to hear of `tenant.events`.
DIRECTORY_EVENTS = frozenset(
    {
        "tenant.activated",
        "tenant.updated",
        "tenant.deleted",
        "tenant.restored",
        "tenant.suspended",
        "tenant.resumed",
    }
)


async def keep_directory(work: Writing, envelope: Envelope) -> None:
    """Afterwards the directory is at least as new as the event."""
    tenant = orjson.loads(envelope.data)
    status = tenant["status"] if tenant["deleted_at"] is None else DELETED
    await keep(work, DirectoryRow(work.tenant_id, tenant["slug"], status, tenant["version"]))
