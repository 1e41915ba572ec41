"""What a handler is given, and the closed set of outcomes that it may come to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from contracts.wire.envelope import Actor, Envelope
from contracts.wire.identity import NIL
from contracts.wire.problems import FieldError, Problem
from contracts.wire.reply import Reply
from contracts.wire.strict import Command, Query, Strict
from storage.delivery.known import Fact
from storage.delivery.transaction import Reading, Writing

M = TypeVar("M", bound=Strict, covariant=True)


@dataclass(frozen=True, slots=True)
class Asked(Generic[M]):
    """A valid message and who sent it. `prepared` is what the handler's own preparation brought
    before the transaction began."""

    message: M
    envelope: Envelope
    prepared: Any = None

    @property
    def actor(self) -> Actor:
        return self.envelope.actor

    @property
    def tenant_id(self) -> UUID:
        return self.envelope.tenant_id or NIL


@dataclass(frozen=True, slots=True)
class Happened:
    """An event: `kind` and `object_id` make its subject, `version` its sequence. `actor` is whose
    doing it is, where that is not the message's sender."""

    type: str
    kind: str
    object_id: UUID
    version: int
    state: Mapping[str, Any]
    changes: Mapping[str, Any] = field(default_factory=dict)
    tenant_id: UUID | None = None
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """A command for another context, through the outbox; `tenant_id` None is the platform."""

    command: Command
    tenant_id: UUID | None


@dataclass(frozen=True, slots=True)
class Done:
    """Carried out. `private` outcomes are sealed on streams and in the inbox; `unkept` ones are not
    stored at all. `completes` answers another command that was waiting."""

    status: int
    body: Strict | Mapping[str, Any] | Sequence[Any] | None = None
    events: tuple[Happened, ...] = ()
    facts: tuple[Fact, ...] = ()
    sends: tuple[Send, ...] = ()
    private: bool = False
    unkept: bool = False
    completes: tuple[UUID, Reply] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not carried out, for a reason that the caller is told. `events` are of what was found out and
    stored all the same, such as a hold that had run out; `facts` of what was known already, and is
    written through once more."""

    problem: Problem
    events: tuple[Happened, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Begun, and waiting for another context; whoever completes it answers."""

    events: tuple[Happened, ...] = ()
    facts: tuple[Fact, ...] = ()
    sends: tuple[Send, ...] = ()


Outcome = Done | Refused | Waiting

Decide = Callable[[Writing, Asked[Any]], Awaitable[Outcome]]
Answer = Callable[[Reading, Asked[Any]], Awaitable[Done | Refused]]
Prepare = Callable[[Asked[Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """How one type of command is handled. `prepare` runs before the transaction, so that no
    connection is held across a wait for another system."""

    message: type[Command]
    decide: Decide
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True)
class QueryRoute:
    """How one type of query is handled. What is `of_deleted` the platform may ask of a deleted
    tenant, too."""

    message: type[Query]
    answer: Answer
    prepare: Prepare | None = None
    private: bool = False
    of_deleted: bool = False


class Unavailable(Exception):
    """What is needed to decide cannot be had in time; the caller gets 503 and nothing is stored."""


def refused(code: str, detail: str = "", **extra: Any) -> Refused:
    """A refusal by its code."""
    return Refused(Problem(code=code, detail=detail, extra=extra))


def refused_fields(code: str, errors: Sequence[tuple[str, str, str]]) -> Refused:
    """A refusal with each thing that is wrong: field, code, message."""
    found = tuple(FieldError(field=name, code=kind, message=text) for name, kind, text in errors)
    detail = "; ".join(f"{error.field}: {error.message}" for error in found[:3])
    return Refused(Problem(code=code, detail=detail, errors=found))
