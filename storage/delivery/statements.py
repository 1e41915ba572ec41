"""Statements as spans of the work that they are part of (OpenTelemetry's database conventions).

The text is the statement's with its placeholders; no parameter is told. What nobody works on in
particular (a relay's polls, a timer's looks) leaves no span.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.tracing import next_traceparent
from journal import bearings
from journal.spans import TRACING, Span, is_recorded

# Where a connection has the span of the statement that it is carrying out.
_RUNNING = "slotstream.statement"


def traced(engine: AsyncEngine) -> AsyncEngine:
    """The engine; where spans are recorded, those of its statements are."""
    if TRACING.recorder is not None:
        watched = engine.sync_engine
        event.listen(watched, "before_cursor_execute", _begin)
        event.listen(watched, "after_cursor_execute", _end)
        event.listen(watched, "handle_error", _fail)
    return engine


def _begin(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    above = bearings.now()
    if above is None or not is_recorded(above.traceparent):
        return
    database = connection.engine.url.database or ""
    operation = statement.lstrip("( \n").partition(" ")[0].strip().upper()
    connection.info[_RUNNING] = Span(
        f"{operation} {database}",
        "client",
        next_traceparent(above.traceparent),
        above.traceparent,
        {
            "db.system.name": "postgresql",
            "db.namespace": database,
            "db.operation.name": operation,
            "db.query.text": statement,
        },
    )


def _end(connection: Connection, *_rest: Any) -> None:
    span: Span | None = connection.info.pop(_RUNNING, None)
    if span is not None:
        span.end()


def _fail(failure: ExceptionContext) -> None:
    connection = failure.connection
    span: Span | None = None if connection is None else connection.info.pop(_RUNNING, None)
    if span is not None:
        state = str(getattr(failure.original_exception, "sqlstate", None) or "")
        if state:
            span.attributes["db.response.status_code"] = state
        span.end(state or type(failure.original_exception).__name__)
