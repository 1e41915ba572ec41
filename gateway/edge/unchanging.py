"""What is the same for everybody until the next release, served with its ETag."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from litestar import Response

from gateway.edge.answers import HttpAnswer
from gateway.edge.visit import HttpRequest, visit_of

# Below this a packed answer is no quicker.
_WORTH_PACKING = 2_000
_PACKS_WELL = ("text/", "application/json", "image/svg")


@dataclass(frozen=True, slots=True)
class Unchanging:
    """A text or picture as it is sent; `headers` go with it and with 304. `packed` is the same for
    whoever takes gzip, None where that is not worth it."""

    content: bytes
    media_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)
    packed: "Unchanging | None" = None

    @classmethod
    def of(cls, content: bytes, media_type: str, **headers: str) -> "Unchanging":
        """Its ETag follows from what it is; header names are spelled with `_`. Whoever has it asks
        each time whether it is still that, unless `cache_control` says otherwise."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {"cache-control": "no-cache", **named}
        packed = None
        if len(content) > _WORTH_PACKING and media_type.startswith(_PACKS_WELL):
            vary = ", ".join(filter(None, (told.get("vary"), "Accept-Encoding")))
            told = {**told, "vary": vary}
            # Without a time in it: the same in every process, and so is its ETag.
            small = gzip.compress(content, 6, mtime=0)
            packed_as = {**told, "content-encoding": "gzip"}
            packed = cls(small, media_type, _etag(small), packed_as)
        return cls(content, media_type, _etag(content), told, packed)


def _etag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:32]}"'


def unchanging_answer(request: HttpRequest, found: Unchanging) -> HttpAnswer:
    """All of it, or 304 to whoever has it."""
    visit = visit_of(request)
    if found.packed is not None and _takes_gzip(visit.header(b"accept-encoding")):
        found = found.packed
    headers = {**found.headers, "etag": found.etag}
    known = visit.header(b"if-none-match")
    if known == "*" or found.etag in known:
        return Response(b"", status_code=304, media_type=found.media_type, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is named, and not with a weight of nothing (RFC 9110 §12.5.3)."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False
