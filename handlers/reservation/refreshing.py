"""Keeping what is known true: the owners' events refresh the cache.

Owners write through before they reply; this heals what a crash between commit and write left.
"""

from uuid import UUID

import orjson

from contracts.wire.envelope import Envelope
from storage.delivery.known import Fact, KnownObjects
from storage.delivery.transaction import Writing

_KINDS = {
    "tenant.settings_updated": "settings",
    "resource.created": "resource",
    "resource.updated": "resource",
    "resource.deleted": "resource",
    "resource.restored": "resource",
    "category.created": "category",
    "category.updated": "category",
    "category.deleted": "category",
    "category.restored": "category",
    "user.created": "user",
    "user.updated": "user",
    "user.deleted": "user",
    "user.restored": "user",
    "user.password_changed": "user",
}
KNOWN_EVENTS = frozenset(_KINDS)


class Refresher:
    """A consumer of the owners' events."""

    def __init__(self, known: KnownObjects) -> None:
        self._known = known

    async def refresh(self, work: Writing, event: Envelope) -> None:
        """The cache has this version, or a newer one."""
        kind = _KINDS[event.type]
        state = orjson.loads(event.data)
        state.pop("changes", None)
        if kind == "user":
            body = {name: state[name] for name in ("id", "active", "roles", "version")}
        else:
            body = state
        deleted = state.get("deleted_at") is not None
        object_id = UUID(state["tenant_id"] if kind == "settings" else state["id"])
        await self._known.remember(
            Fact(
                work.tenant_id,
                kind,
                object_id,
                state["version"],
                None if deleted else orjson.dumps(body),
            )
        )
