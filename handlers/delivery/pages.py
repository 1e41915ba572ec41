"""Pages of lists: the cursor in, the cursor out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from contracts.wire.cursor import InvalidCursor, make_cursor, read_cursor
from contracts.wire.identity import derived_key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursors:
    """Makes and reads the cursors of one listing."""

    key: bytes
    listing: str

    @classmethod
    def of(cls, secret: str, listing: str) -> "Cursors":
        return cls(derived_key(secret, "cursor"), listing)

    def read(self, tenant_id: UUID, cursor: str | None) -> list[str] | None:
        """The sort key after which the page begins, None for the first; raises InvalidCursor."""
        if cursor is None:
            return None
        return read_cursor(self.key, tenant_id, self.listing, cursor)

    def read_moment(self, tenant_id: UUID, cursor: str | None) -> tuple[datetime, UUID] | None:
        """The same where lists are sorted by an instant and an id."""
        last = self.read(tenant_id, cursor)
        if last is None:
            return None
        try:
            moment, identity = last
            return datetime.fromisoformat(moment), UUID(identity)
        except ValueError:
            raise InvalidCursor(cursor or "") from None

    def page(
        self,
        tenant_id: UUID,
        rows: Sequence[T],
        limit: int,
        view: Callable[[T], dict[str, Any]],
        last: Callable[[T], list[str]],
    ) -> dict[str, Any]:
        """`{items, next_cursor}` of up to `limit` rows; one row more says that there is more."""
        shown = rows[:limit]
        more = len(rows) > limit
        following = (
            make_cursor(self.key, tenant_id, self.listing, last(shown[-1])) if more else None
        )
        return {
            "items": [view(row) for row in shown],
            "next_cursor": following,
        }
