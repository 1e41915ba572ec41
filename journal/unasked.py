"""What libraries bring along unasked is left where it is.

redis-py imports OpenTelemetry's metrics wherever they are installed, for figures that nobody here
turns on, and FastStream its names: a fifth of a second and ten megabytes in every process, traced
or not.
"""

import sys
from types import ModuleType
from typing import cast

UNASKED = ("opentelemetry.metrics", "opentelemetry.sdk.metrics", "opentelemetry.semconv")
# An entry of None is how Python says that a module is not there (its reference, 5.3.1).
_MODULES = cast("dict[str, ModuleType | None]", sys.modules)


def keep_out() -> None:
    """Whoever tries to import them is told that they are not there."""
    for name in UNASKED:
        _MODULES.setdefault(name, None)


def let_in() -> None:
    """They are there again, for who does need them; who asked before has gone on without."""
    for name in UNASKED:
        if _MODULES.get(name) is None:
            _MODULES.pop(name, None)
