"""Asking for the outcome of a command, and whether a context answers at all."""

from typing import Any, ClassVar, Literal

from contracts.wire.strict import Id, Query, Strict


class OperationGet(Query):
    """Every context answers it for its own commands; visible to its caller and administrators."""

    type: ClassVar[str] = "operation.get"
    context: ClassVar[str] = ""

    operation_id: Id


class Ping(Query):
    """Every context answers it: {context, migrated, ready}, 503 while it is not ready."""

    type: ClassVar[str] = "ping"
    context: ClassVar[str] = ""


class OperationView(Strict):
    """`expired` means never executed."""

    id: Id
    context: str
    state: Literal["pending", "succeeded", "failed", "expired"]
    http_status: int | None = None
    body: Any = None
    problem: dict[str, Any] | None = None
