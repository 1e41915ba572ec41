"""The table of operations against the gateway's own routes."""

import re

from gateway.app import CONTROLLERS
from tests.e2e.who_may import OPERATIONS


def routes() -> dict[str, tuple[str, str]]:
    """Method and path of every operation, parameters left open."""
    found = {}
    for controller in CONTROLLERS:
        path = vars(controller).get("path", "")
        for handler in vars(controller).values():
            if hasattr(handler, "operation_id"):
                (method,), (rest,) = handler.http_methods, handler.paths
                found[handler.operation_id] = (str(method), _opened(f"{path}{rest}"))
    return found


def _opened(path: str) -> str:
    """The path without names of parameters, query and trailing slash."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0]).rstrip("/")


def test_every_operation_has_a_row() -> None:
    """A new one says in tests/e2e/who_may.py who may do it, and an old one is where it was."""
    written = {
        name: (operation.method, _opened(operation.path)) for name, operation in OPERATIONS.items()
    }
    assert written == routes()
