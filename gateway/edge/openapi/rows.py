"""A row says of one route what its handler does not: which message it sends, what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from contracts.wire.strict import Command, Message
from gateway.edge.answers import JSON
from gateway.edge.sign_in import Reach

# Nobody is asked who they are.
_OPEN = (None, "hand_in", "ask_in_passing", "ask_by_token")
Way = Literal["ask", "tell", "hand_in", "ask_in_passing", "ask_by_token", "follow"]


@dataclass(frozen=True, slots=True)
class Items:
    """A page of a list."""

    of: type[BaseModel]


@dataclass(frozen=True, slots=True)
class With:
    """A view without what the gateway keeps to itself, and with what it adds: lists, by name."""

    view: type[BaseModel]
    without: tuple[str, ...]
    lists: tuple[tuple[str, type[BaseModel]], ...]


Answer = type[BaseModel] | Items | With | None


@dataclass(frozen=True, slots=True)
class Row:
    """`operation` is the route's operation id; `answer` the body of a success of this `status`.

    `codes` are the errors that this message alone can be answered with: what every message of its
    kind can be, and what its fields make possible, is added. `way` is how the route sends it, and
    the fields below `way` are the arguments that it has there; a route that sends nothing has none.
    `waits`: its outcome is waited for, whatever Prefer says.
    `calendar` is the command that a body of text/calendar is, and `calendar_answer` its success.
    `contexts` are what a path may call `context`; `revalidates` where If-None-Match is heeded.
    `media_type` is that of a success: what is not JSON is a text. `csv`: a success can be had as
    text/csv as well. `says` is more for people.
    """

    operation: str
    message: type[Message] | None = None
    answer: Answer = None
    status: int = 200
    codes: Sequence[str] = ()
    way: Way | None = None
    reach: Reach = Reach.TENANT
    within: str = ""
    unwraps: bool = False
    creates: bool = False
    locates: bool = False
    options: Sequence[str] = ()
    names: dict[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    waits: bool = False
    calendar: type[Command] | None = None
    calendar_answer: Answer = None
    or_answer: Answer = None
    contexts: Sequence[str] = ()
    revalidates: bool = False
    media_type: str = JSON
    csv: bool = False
    says: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return self.way in _OPEN or self.reach is Reach.ANYBODY

    @property
    def changes(self) -> bool:
        """Whether it carries a command."""
        return self.way in ("tell", "hand_in")

    @property
    def is_kept(self) -> bool:
        """Whether its outcome can be asked for, and had again by the same Idempotency-Key."""
        return self.way == "tell" and not self.is_open
