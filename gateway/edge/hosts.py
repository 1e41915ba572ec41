"""Which hosts are served, by what a request says in Host."""

import re
from collections.abc import Sequence

# RFC 9110 §7.2: a name or an address, an IPv6 address in brackets, and perhaps a port.
_HOST = re.compile(r"^(\[[0-9a-f:.]+\]|[^\s\[\]:@/?#]+)(:[0-9]*)?$")


class Hosts:
    """`*` and an empty list are any host; `*.book.test` is every host below `book.test`."""

    def __init__(self, names: Sequence[str]) -> None:
        self._any = not names or "*" in names
        self._names = frozenset(_bare(name.lower()) for name in names)
        self._below = tuple(name[1:].lower() for name in names if name.startswith("*."))

    def serve(self, host: str) -> bool:
        """Whether this host is served here; its port, its case and a dot at its end say nothing."""
        if self._any:
            return True
        found = _HOST.match(host.strip().lower())
        if found is None:
            return False
        name = _bare(found[1])
        return name in self._names or bool(self._below and name.endswith(self._below))


def _bare(name: str) -> str:
    return name.strip("[]").removesuffix(".")
