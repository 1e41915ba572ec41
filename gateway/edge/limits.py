"""How much one tenant may have under way at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from gateway.edge.problems import refused


class InFlight:
    """Requests under way, by tenant; those of no tenant share one count."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[UUID | None, int] = {}

    @contextmanager
    def one_more(self, tenant_id: UUID | None) -> Iterator[None]:
        """Counts the request while it lasts; raises Refused where the tenant has its share."""
        count = self._counts.get(tenant_id, 0)
        if count >= self._most:
            raise refused("overloaded", "This tenant has too many requests under way.")
        self._counts[tenant_id] = count + 1
        try:
            yield
        finally:
            left = self._counts[tenant_id] - 1
            if left:
                self._counts[tenant_id] = left
            else:
                del self._counts[tenant_id]
