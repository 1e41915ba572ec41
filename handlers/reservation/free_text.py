"""Free text in a booking's history, closed with a key of the person whose booking it is.

Nobody changes a history: erasing the person destroys the key, and the text with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

import orjson

from contracts.wire.sealing import PREFIX, Keyring, Unopenable
from handlers.delivery.work import Asked, CommandRoute, Done, Outcome, QueryRoute, Refused
from storage.delivery.transaction import Reading, Writing
from storage.reservation.bookings import BookingRow, HistoryRow
from storage.reservation.person_keys import find_person_key, person_key

Came = TypeVar("Came")
# These may say anything of anybody: events only say that they changed.
PRIVATE = frozenset({"notes", "cancellation_reason", "attributes"})
REDACTED = {"before": None, "after": None, "redacted": True}
# Where an answer about several has each of them.
_SEVERAL = ("bookings", "results", "items")


def discreet(route: CommandRoute) -> CommandRoute:
    """The same route, whose outcomes are sealed where they say something in words."""

    async def decide(work: Writing, asked: Asked[Any]) -> Outcome:
        return _sealed(await route.decide(work, asked))

    return replace(route, decide=decide)


def discreet_query(route: QueryRoute) -> QueryRoute:
    """The same for what is only read."""

    async def answer(read: Reading, asked: Asked[Any]) -> Done | Refused:
        return _sealed(await route.answer(read, asked))

    return replace(route, answer=answer)


async def closed(
    work: Writing, user_id: UUID | None, rows: Sequence[HistoryRow]
) -> list[HistoryRow]:
    """The rows as they are stored. What is nobody's booking stays as it is."""
    if user_id is None or not any(_says_something(row) for row in rows):
        return list(rows)
    keyring = Keyring(await person_key(work, user_id))

    def close(value: Any) -> Any:
        return keyring.seal(orjson.dumps(value)) if value else value

    return [
        replace(
            row,
            changes=_mapped(row.changes, close),
            reason=close(row.reason) if row.reason else None,
        )
        for row in rows
    ]


async def closed_all(
    work: Writing, bookings: Sequence[BookingRow], rows: Sequence[HistoryRow]
) -> list[HistoryRow]:
    """The same for one row of each of many bookings, which may be several people's."""
    stored = list(rows)
    for user_id in dict.fromkeys(booking.user_id for booking in bookings):
        places = [place for place, one in enumerate(bookings) if one.user_id == user_id]
        theirs = await closed(work, user_id, [rows[place] for place in places])
        for place, row in zip(places, theirs, strict=True):
            stored[place] = row
    return stored


async def opened(
    read: Reading, user_id: UUID | None, rows: Sequence[HistoryRow]
) -> list[HistoryRow]:
    """The rows as they were written, those of somebody who was erased without their free text."""
    key = None if user_id is None else await find_person_key(read, user_id)
    keyring = None if key is None else Keyring(key)
    return [_opened(row, keyring) for row in rows]


def _opened(row: HistoryRow, keyring: Keyring | None) -> HistoryRow:
    def open_(value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith(PREFIX):
            return value
        if keyring is None:
            raise Unopenable("the key is gone")
        return orjson.loads(keyring.open(value))

    changes = {}
    for name, change in row.changes.items():
        try:
            changes.update(_mapped({name: change}, open_))
        except Unopenable:
            changes[name] = REDACTED
    try:
        reason = open_(row.reason)
    except Unopenable:
        reason = None
    return replace(row, changes=changes, reason=reason)


def _sealed(outcome: Came) -> Came:
    if isinstance(outcome, Done) and _tells(outcome.body):
        return replace(outcome, private=True)
    return outcome


def _tells(body: Any) -> bool:
    """Whether a booking or a change of one, or any in an answer about several, has words."""
    if not isinstance(body, Mapping):
        return False
    inside = [one for name in _SEVERAL for one in body.get(name) or ()]
    changes = body.get("changes") or {}
    return (
        any(body.get(name) for name in (*PRIVATE, "reason"))
        or any(name in changes for name in PRIVATE)
        or any(_tells(one) for one in (body.get("booking"), *inside))
    )


def _says_something(row: HistoryRow) -> bool:
    private = [change for name, change in row.changes.items() if name in PRIVATE]
    return bool(row.reason) or any(value for change in private for value in change.values())


def _mapped(changes: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The changes with the private values changed, and no others."""
    return {
        name: {side: change(value) for side, value in values.items()} if name in PRIVATE else values
        for name, values in changes.items()
    }
