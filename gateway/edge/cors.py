"""What a browser may do from a page of another origin (Fetch standard, CORS protocol)."""

import re
from collections.abc import Sequence

from contracts.wire.problems import Problem
from gateway.edge.problems import Refused
from gateway.edge.visit import Visit

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What a page may read of an answer besides what every page may.
EXPOSED = (
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
MAX_AGE_SECONDS = 600
_NAMES = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+( *, *[A-Za-z0-9!#$%&'*+.^_`|~-]+)*$")
Fields = tuple[tuple[bytes, bytes], ...]


class Cors:
    """Without origins there is none; `*` is any origin. Credentials never travel by themselves:
    callers sign in by a header, so no cookie has to be allowed."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        exposed = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
        self._exposed: Fields = (exposed,) if origins else ()

    def is_preflight(self, visit: Visit) -> bool:
        """Whether a browser asks before it sends what it was told to."""
        return (
            visit.method == "OPTIONS"
            and bool(self._origins)
            and b"origin" in visit.headers
            and b"access-control-request-method" in visit.headers
        )

    def fields(self, visit: Visit) -> Fields:
        """What every answer says to a page of an origin that may call."""
        if not self._origins or b"origin" not in visit.headers:
            return self._vary()
        return (*self._allowed(visit), *self._exposed, *self._vary())

    def preflight(self, visit: Visit) -> Fields:
        """What may be sent. Raises Refused for an origin or a method that may not."""
        allowed = self._allowed(visit)
        if not allowed:
            raise _refused("This origin may not call from a browser.")
        if visit.header(b"access-control-request-method") not in METHODS:
            raise _refused(f"A page may send {', '.join(METHODS)}.")
        asked = visit.header(b"access-control-request-headers")
        if asked and not _NAMES.match(asked):
            raise _refused("Access-Control-Request-Headers is no list of names.")
        return (
            (b"access-control-allow-methods", ", ".join(METHODS).encode()),
            *(((b"access-control-allow-headers", asked.encode()),) if asked else ()),
            (b"access-control-max-age", str(MAX_AGE_SECONDS).encode()),
        )

    def _allowed(self, visit: Visit) -> Fields:
        origin = visit.header(b"origin")
        if self._any:
            return ((b"access-control-allow-origin", b"*"),)
        if origin.lower() in self._origins:
            return ((b"access-control-allow-origin", origin.encode("latin-1")),)
        return ()

    def _vary(self) -> Fields:
        return ((b"vary", b"Origin"),) if self._origins and not self._any else ()


def _refused(detail: str) -> Refused:
    return Refused(Problem(code="validation_failed", detail=detail))
