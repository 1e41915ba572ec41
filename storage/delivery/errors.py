"""What a database error means for the delivery that met it.

Again    serialization failure, deadlock, lock not available, a unique key that was taken in
         between: the same transaction, at once
Away     the database cannot be reached or is starting or stopping: wait for it, count nothing
(else)   a mistake of ours: recorded, left pending, counted
"""

from enum import StrEnum

from asyncpg import exceptions as pg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# 23505: a unique key that a check had found free was taken meanwhile; the next try sees it.
_AGAIN = frozenset({"40001", "40P01", "55P03", "23505"})
_AWAY_CLASSES = ("08", "53", "57P")


class Trouble(StrEnum):
    AGAIN = "again"
    AWAY = "away"
    BUG = "bug"


def trouble_of(failure: BaseException) -> Trouble:
    """How to go on after `failure` (reliability.md "Errors")."""
    code = sqlstate(failure)
    if code in _AGAIN or isinstance(_cause(failure), pg.InvalidCachedStatementError):
        return Trouble.AGAIN
    if code and code.startswith(_AWAY_CLASSES):
        return Trouble.AWAY
    if isinstance(failure, DBAPIError) and failure.connection_invalidated:
        return Trouble.AWAY
    cause = _cause(failure)
    # A refused connection arrives as a raw OSError and not as an SQLAlchemyError; a connection
    # that is lost in the middle of a statement as an InterfaceError of asyncpg.
    if isinstance(cause, OSError | pg.InterfaceError | TimeoutError | PoolTimeout):
        return Trouble.AWAY
    return Trouble.BUG


def sqlstate(failure: BaseException) -> str | None:
    """The five-character SQLSTATE, or None where the server said nothing."""
    code = getattr(_cause(failure), "sqlstate", None)
    return code if isinstance(code, str) else None


def _cause(failure: BaseException) -> BaseException:
    if not isinstance(failure, DBAPIError) or failure.orig is None:
        return failure
    # SQLAlchemy wraps asyncpg's error in its own DBAPI class; the original is its cause.
    return failure.orig.__cause__ or failure.orig
