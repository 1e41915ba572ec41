"""Headers that say how a change is wanted: If-Match and Prefer."""

import re

from gateway.edge.problems import refused
from gateway.edge.visit import Visit

_STRONG = re.compile(r'^"([0-9]{1,18})"$')


def expected_version(visit: Visit) -> int | None:
    """The version that If-Match names (RFC 9110 §13.1.1); `*` expects none in particular."""
    given = visit.header(b"if-match")
    if given in ("", "*"):
        return None
    found = _STRONG.match(given)
    if found is None:
        raise refused("stale_version", "If-Match takes one ETag as an answer gave it.")
    return int(found[1])


def prefers_async(visit: Visit) -> bool:
    """Whether Prefer says respond-async (RFC 7240 §4.1)."""
    stated = visit.header(b"prefer").lower()
    return bool(stated) and any(
        preference.split(";")[0].strip() == "respond-async" for preference in stated.split(",")
    )
