"""The strict base of every message body, and the field types that all of them share.

Bodies are validated from JSON bytes (`model_validate_json`), never from Python values: in JSON
mode Pydantic's strict types still read UUIDs and instants from strings, and nothing else is
converted, so `"5"` is no integer and `true` is no quantity.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

YEARS = range(2000, 2101)


class Strict(BaseModel):
    """A frozen body that refuses unknown fields, and whose errors do not say what was in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def rfc3339(moment: datetime) -> str:
    """The instant in UTC, with `Z`, and with a fraction only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# RFC 3339 §5.6, the offset left out or not: without one it is naive, and told so.
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)


def _read_instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_datetime", "Give an RFC 3339 instant as a string.")
    text = value.strip()
    if not _RFC3339.fullmatch(text):
        raise PydanticCustomError("invalid_datetime", "This is no RFC 3339 instant.")
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        raise PydanticCustomError("invalid_datetime", "This is no RFC 3339 instant.") from None


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("naive_datetime", "An instant needs an offset, such as Z.")
    if value.year not in YEARS:
        raise PydanticCustomError("year_out_of_range", "Years from 2000 to 2100 are accepted.")
    return value.astimezone(UTC)


Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    AfterValidator(_aware),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


def _whole_second(value: datetime) -> datetime:
    if value.microsecond:
        raise PydanticCustomError("invalid_datetime", "Occurrences begin on whole seconds.")
    return value


WholeSecond = Annotated[Instant, AfterValidator(_whole_second)]


def _dated(value: date) -> date:
    if value.year not in YEARS:
        raise PydanticCustomError("year_out_of_range", "Years from 2000 to 2100 are accepted.")
    return value


Day = Annotated[date, AfterValidator(_dated)]


def clean(value: str) -> str:
    """The text in NFC. Raises PydanticCustomError where it holds a control character."""
    if any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in value):
        raise PydanticCustomError("control_character", "Control characters are not accepted.")
    return unicodedata.normalize("NFC", value)


def one_line(value: str) -> str:
    """The text as it is. Raises PydanticCustomError where it breaks lines."""
    if "\n" in value or "\t" in value or "\u2028" in value or "\u2029" in value:
        raise PydanticCustomError("control_character", "Line breaks are not accepted here.")
    return value


Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(clean)]
Line = Annotated[
    str,
    StringConstraints(max_length=200, strip_whitespace=True),
    AfterValidator(clean),
    AfterValidator(one_line),
]
Name = Annotated[Line, StringConstraints(min_length=1)]


@cache
def _zones() -> frozenset[str]:
    """The zones of the tzdata package; the machine's own files take no part.

    `Factory` is the database's own placeholder for a machine that was never set up.
    """
    return frozenset(files("tzdata").joinpath("zones").read_text().split()) - {"Factory"}


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise PydanticCustomError("unknown_timezone", "This is no time zone of the IANA database.")
    return value


Zone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known_zone)]


_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _wall_clock(value: str) -> str:
    if value == "24:00":
        return value
    if not _CLOCK.fullmatch(value):
        raise PydanticCustomError("invalid_time", "Give a time as HH:MM, 24:00 at most.")
    return value


WallClock = Annotated[str, AfterValidator(_wall_clock)]


def _bounded_document(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > 100:
        raise PydanticCustomError("too_many_attributes", "At most 100 attributes are kept.")
    _check_json(value, depth=0)
    return value


def _check_json(value: Any, depth: int) -> None:
    """What JSON allows and neither PostgreSQL's jsonb nor a 64-bit reader can hold is refused."""
    if depth > 16:
        raise PydanticCustomError("too_deep", "At most 16 levels are kept.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_json(key, depth + 1)
            _check_json(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_json(inner, depth + 1)
    elif isinstance(value, str):
        clean(value)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise PydanticCustomError("number_out_of_range", "Whole numbers have 64 bits.")
    elif isinstance(value, float) and not math.isfinite(value):
        raise PydanticCustomError("number_out_of_range", "Numbers must be finite.")


Document = Annotated[dict[str, Any], AfterValidator(_bounded_document)]
# By which lists are narrowed: `key:value`.
AttributeFilter = Annotated[
    str, StringConstraints(pattern=r"^[^:]{1,100}:.{0,400}$"), AfterValidator(clean)
]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, StringConstraints(max_length=600)]


class Message(Strict):
    """The body of a command or query, and what is true of its type.

    `permissions` lists what admits a caller, any one of them; empty means that no permission is
    asked for here (the handler decides, or anybody may). `before_sign_in`: said by or about
    somebody who has not signed in; the gateway alone, which counts guesses, says it. `mails`: a
    mail goes to whom the caller likes.
    """

    type: ClassVar[str]
    context: ClassVar[str]
    permissions: ClassVar[tuple[str, ...]] = ()
    secret_fields: ClassVar[tuple[str, ...]] = ()
    before_sign_in: ClassVar[bool] = False
    mails: ClassVar[bool] = False


class Command(Message):
    """Something to be done; `expected_version` carries If-Match."""

    expected_version: int | None = None


class Query(Message):
    """Something asked; changes nothing."""


class Page(Query):
    """A list that is asked for a page at a time."""

    limit: Limit = 50
    cursor: Cursor | None = None


Id = UUID
