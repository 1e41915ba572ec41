"""The guard before parsing: what a body must be before anybody reads meaning into it."""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import orjson

from gateway.edge.problems import Refused, refused
from gateway.edge.visit import HttpRequest, Visit

MAX_BODY = 1_048_576
# A calendar as it stands in a message; what is not escaped there fits as it came.
MAX_CALENDAR = MAX_BODY + 65_536
MAX_DEPTH = 32
# A mebibyte over a poor line; who trickles holds a connection no longer.
BODY_WITHIN_SECONDS = 30.0
_MEDIA_TYPES = ("application/json", "application/merge-patch+json")
_CALENDAR = ("text/calendar",)
# Possessive, and one that is never closed goes to the end: each byte is looked at once, whatever
# is sent. A pattern that may try again takes minutes for a mebibyte of quotes.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)


async def raw_body(request: HttpRequest, visit: Visit, calendar: bool = False) -> bytes:
    """The body, of an accepted media type and size; reading stops where it is too large. JSON is
    accepted, and nothing but a calendar where one is asked for."""
    announced = visit.header(b"content-length")
    chunked = b"transfer-encoding" in visit.headers
    if not chunked and announced in ("", "0"):
        return b""
    if announced and (not announced.isdecimal() or int(announced[:20]) > MAX_BODY):
        raise _too_large()
    _check_headers(visit, _CALENDAR if calendar else _MEDIA_TYPES)
    try:
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            return await _received(request)
    except TimeoutError:
        detail = f"The body was not whole within {BODY_WITHIN_SECONDS} seconds."
        raise refused("malformed_json", detail, connection="close") from None


async def _received(request: HttpRequest) -> bytes:
    pieces, size = [], 0
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise refused("malformed_json", "The body ended before it was whole.")
        size += len(message["body"])
        if size > MAX_BODY:
            raise _too_large()
        pieces.append(message["body"])
        if not message["more_body"]:
            return b"".join(pieces)


def _too_large() -> Refused:
    return refused("body_too_large", f"A body may have {MAX_BODY} bytes.")


def _check_headers(visit: Visit, accepted: Sequence[str]) -> None:
    encoding = visit.header(b"content-encoding").lower()
    if encoding not in ("", "identity"):
        raise refused("unsupported_media_type", "Content-Encoding is not accepted.")
    media_type, parameters = _media_type(visit)
    if media_type not in accepted:
        raise refused("unsupported_media_type", f"Send {accepted[0]}.")
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        raise refused("unsupported_media_type", "What is sent is UTF-8.")


def sends_calendar(visit: Visit) -> bool:
    """Whether the body says that it is a calendar (RFC 5545), for routes that take one."""
    return _media_type(visit)[0] in _CALENDAR


def _media_type(visit: Visit) -> tuple[str, str]:
    """In small letters, and its parameters."""
    media_type, _, parameters = visit.header(b"content-type").partition(";")
    return media_type.strip().lower(), parameters


def calendar_text(body: bytes) -> str:
    """The text of a calendar file; its meaning is for others to read. Lines end in one mark, so
    that they are no longer in the message than they were in the body."""
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise refused("invalid_calendar", "The calendar is not UTF-8.") from None
    if len(orjson.dumps(text)) > MAX_CALENDAR:
        raise _too_large()
    return text


def json_object(body: bytes) -> dict[str, Any]:
    """The one JSON object that the body is; an empty body is an empty object."""
    if not body:
        return {}
    if _too_deep(body):
        raise refused("malformed_json", f"JSON may nest {MAX_DEPTH} levels.")
    try:
        # orjson refuses invalid UTF-8, lone surrogates, NaN, infinities and control characters.
        document = orjson.loads(body)
        json.loads(body, object_pairs_hook=_without_repetition)
    except _RepeatedKey:
        raise refused("malformed_json", "A key stands twice in one object.") from None
    except orjson.JSONDecodeError as failure:
        raise refused("malformed_json", f"{str(failure)[:200]}.") from None
    except ValueError:
        raise refused("malformed_json", "A number has too many digits.") from None
    if b"\\u0000" in body and _holds_nul(document):
        raise refused("malformed_json", "NUL is not accepted.")
    if not isinstance(document, dict):
        raise refused("validation_failed", "The body must be a JSON object.")
    return document


def _too_deep(body: bytes) -> bool:
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for mark in re.findall(rb"[\[\]{}]", _STRING.sub(b"", body)):
        depth += 1 if mark in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


class _RepeatedKey(ValueError):
    """An object has a key twice; parsers disagree about which one counts."""


def _without_repetition(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _RepeatedKey


def _holds_nul(document: Any) -> bool:
    if isinstance(document, str):
        return "\x00" in document
    if isinstance(document, dict):
        return any(_holds_nul(key) or _holds_nul(inner) for key, inner in document.items())
    return isinstance(document, list) and any(_holds_nul(inner) for inner in document)
