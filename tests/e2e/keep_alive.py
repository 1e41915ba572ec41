"""One connection that sends a head as it is given: repeated, folded, or with bytes of no header."""

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by their names in small letters, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class KeepAlive:
    """Kept open from one request to the next; opened anew where the server has closed it."""

    def __init__(self, base_url: str) -> None:
        place = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, headers: Headers, body: Any = None) -> Answer:
        """One request; a body is sent as JSON, in one piece with its head."""
        content = b"" if body is None else json.dumps(body).encode()
        connection = self._connection
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if content:
            connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content or None)
        with connection.getresponse() as found:
            named = {name.lower(): value for name, value in found.getheaders()}
            lasting = named.get("content-type", "").startswith("text/event-stream")
            answer = Answer(found.status, named, b"" if lasting else found.read())
        if lasting:
            # It has no end: the head is what is looked at.
            connection.close()
        return answer
