"""The application's own filters by tenant, taken out of every statement before it is sent.

What holds then holds by row-level security alone. Functions inside the database are left as they
are.
"""

import re
from typing import Any

from sqlalchemy import Column, event, true
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable, operators
from sqlalchemy.sql.elements import BinaryExpression, TextClause
from sqlalchemy.sql.visitors import replacement_traverse

_COMPARED = re.compile(r"(?:\w+\.)?\btenant_id\s*=\s*(?::\w+|\w+\.tenant_id)")
_JOINED = re.compile(r"USING\s*\(\s*tenant_id\s*,\s*", re.IGNORECASE)


def take_filters_out(engine: AsyncEngine) -> None:
    """From here on no statement of this engine compares a tenant with anything."""
    event.listen(engine.sync_engine, "before_execute", _before_execute, retval=True)


def without_filters(statement: Executable) -> Executable:
    """The statement with `true` in place of each comparison of a tenant."""
    anything: Any = statement
    found: Executable = replacement_traverse(anything, {}, _replacement)
    return found


def _before_execute(
    _connection: Any, statement: Executable, many: Any, one: Any, _options: Any
) -> tuple[Executable, Any, Any]:
    return without_filters(statement), many, one


def _replacement(element: Any, **_: Any) -> Any:
    if isinstance(element, BinaryExpression) and element.operator is operators.eq:
        sides = (element.left, element.right)
        if any(isinstance(side, Column) and side.name == "tenant_id" for side in sides):
            return true()
    if isinstance(element, TextClause):
        bare = _JOINED.sub("USING (", _COMPARED.sub("true", element.text))
        if bare != element.text:
            changed = element._clone()
            changed.text = bare
            return changed
    return None
