"""A context of one command for tests: it writes a row, makes an event, and fails when told to."""

import asyncio
import os
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import text

from contracts.wire.identity import NIL
from contracts.wire.strict import Command, Id
from handlers.delivery.work import (
    Asked,
    CommandRoute,
    Done,
    Happened,
    Outcome,
    Refused,
    Send,
    Unavailable,
    refused,
)
from storage.delivery.ddl import protect
from storage.delivery.known import Fact
from storage.delivery.transaction import Writing

CONTEXT = "note"
TABLES = (
    "CREATE TABLE effect (tenant_id uuid NOT NULL, command_id uuid NOT NULL,"
    " CONSTRAINT pk_effect PRIMARY KEY (tenant_id, command_id))",
    *protect("effect"),
)
_ADD = text("INSERT INTO effect (tenant_id, command_id) VALUES (:tenant_id, :command_id)")


class NoteAdd(Command):
    """`does` says what becomes of it: `done`, a problem's code, or a way to fail."""

    type: ClassVar[str] = "note.add"
    context: ClassVar[str] = CONTEXT
    permissions: ClassVar[tuple[str, ...]] = ("note:add",)

    does: str = "done"


class NotePass(Command):
    """Passed on to another context."""

    type: ClassVar[str] = "note.pass"
    context: ClassVar[str] = "elsewhere"

    note_id: Id


async def add_note(work: Writing, asked: Asked[NoteAdd]) -> Outcome:
    """One row, one event, one fact and one command for elsewhere; or what `does` says."""
    does, command_id = asked.message.does, asked.envelope.id
    if does not in ("done", "pass", "confide"):
        return await _otherwise(does)
    await work.run(_ADD, {"tenant_id": work.tenant_id, "command_id": command_id})
    event = Happened("note.added", "note", command_id, 1, {"id": str(command_id)})
    fact = Fact(work.tenant_id, "note", command_id, 1, b"{}")
    send = Send(NotePass(note_id=command_id), asked.envelope.tenant_id)
    sends = (send,) if does == "pass" else ()
    body = {"id": str(command_id)}
    return Done(201, body, events=(event,), facts=(fact,), sends=sends, unkept=does == "confide")


async def _otherwise(does: str) -> Refused:
    if does == "raise":
        raise RuntimeError("a mistake of ours")
    if does == "hang":
        await asyncio.Event().wait()
    if does == "exit":
        os._exit(70)
    if does == "away":
        raise Unavailable("the owner does not answer")
    return refused(does)


class Owner:
    """Whom a note's preparation asks; a test sends it away."""

    def __init__(self) -> None:
        self.is_away = False

    async def prepare(self, _asked: Asked[NoteAdd]) -> None:
        if self.is_away:
            raise Unavailable("the owner does not answer")


def note_routes(owner: Owner) -> tuple[CommandRoute, ...]:
    """Every message of this context."""
    return (CommandRoute(NoteAdd, add_note, owner.prepare),)


def effect_of(rows: list[Any]) -> set[UUID]:
    """Command ids of effect rows."""
    return {UUID(str(row[0])) for row in rows} - {NIL}
