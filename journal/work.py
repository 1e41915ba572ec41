"""A piece of work, from its beginning to its end: its bearings, and its span where it has one."""

from contextvars import Token
from types import TracebackType
from typing import Self

from journal import bearings
from journal.bearings import Bearings
from journal.spans import Span


class Work:
    """`with Work(…)`: what happens inside is said to be part of it, in the lines of the log and in
    the spans; what became of it is said by `journal.bearings.ends_as`."""

    __slots__ = ("_token", "bearings", "span")

    def __init__(self, whose: Bearings, span: Span | None) -> None:
        self.bearings = whose
        self.span = span
        self._token: Token[Bearings | None] | None = None

    def __enter__(self) -> Self:
        self._token = bearings.take(self.bearings)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            bearings.leave(self._token)
        if self.span is not None:
            self.finish(self.span)
            self.span.end(self.bearings.error if kind is None else kind.__name__)

    def finish(self, span: Span) -> None:
        """What is known of the span at its end stands in it."""
        if self.bearings.outcome:
            span.attributes["slotstream.outcome"] = self.bearings.outcome
