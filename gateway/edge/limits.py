"""How much one tenant may have under way at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from gateway.edge.problems import refused


class InFlight:
    """Requests under way, by tenant; those of no tenant by what they ask for, so that a crowd at
    one door does not close another: whoever looks at booking pages keeps nobody from signing in."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[UUID | str, int] = {}

    @contextmanager
    def one_more(self, tenant_id: UUID | None, message_type: str) -> Iterator[None]:
        """Counts the request while it lasts; raises Refused where its share is used up."""
        whose = tenant_id or message_type
        count = self._counts.get(whose, 0)
        if count >= self._most:
            which = "This tenant has" if tenant_id else "There are"
            raise refused("overloaded", f"{which} too many requests under way.")
        self._counts[whose] = count + 1
        try:
            yield
        finally:
            left = self._counts[whose] - 1
            if left:
                self._counts[whose] = left
            else:
                del self._counts[whose]
