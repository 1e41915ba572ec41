"""Tables as CSV (RFC 4180), for spreadsheets: these take for a formula what begins like one."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from litestar import Response

from gateway.edge.answers import JSON, HttpAnswer
from gateway.edge.visit import Visit

TEXT_CSV = "text/csv"
# A number is ours and stays a number, also below zero. What is no number is given as a text.
Cell = str | int | Decimal | None
# The last four are the same in full width, which some programs read like the first.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUALITY = re.compile(r"^(0(\.\d{0,3})?|1(\.0{0,3})?)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class CsvAnswer:
    """How the body of a success becomes a table. A list that is read a page at a time is there as a
    whole: it is asked for by pages of `pages_of` items; 0 where one reply is all."""

    written: Callable[[Any], HttpAnswer]
    pages_of: int = 0


def prefers_csv(visit: Visit) -> bool:
    """Whether Accept puts text/csv before JSON (RFC 9110 §12.5.1): the higher quality wins, then
    whatever is named more exactly; JSON where there is nothing between them."""
    ranges = [_range(one) for one in visit.header(b"accept").split(",") if one.strip()]
    return _quality(ranges, TEXT_CSV) > _quality(ranges, JSON)


def csv_answer(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], filename: str = ""
) -> HttpAnswer:
    """The table below a row of its columns' names; `filename` is how a browser is to keep it."""
    headers = {"content-disposition": f'attachment; filename="{filename}"'} if filename else {}
    # Of a text Litestar says the charset, too, which is UTF-8.
    return Response(csv_text(columns, rows), media_type=TEXT_CSV, headers=headers)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same as bytes: lines end in CR LF, None is an empty cell, and a text that a spreadsheet
    would take for a formula has an apostrophe before it."""
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([_told(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


def _told(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return format(cell, "f")
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text


def _range(text: str) -> tuple[str, float]:
    """A media range and its quality; one that cannot be read counts for nothing."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    return name, float(quality) if _QUALITY.match(quality) else 0.0


def _quality(ranges: Sequence[tuple[str, float]], media_type: str) -> tuple[float, int]:
    """How much it is wanted, and how exactly it is named: the most exact range says."""
    kinds = ("*/*", f"{media_type.partition('/')[0]}/*", media_type)
    named = [(kinds.index(name), quality) for name, quality in ranges if name in kinds]
    exactness, quality = max(named, default=(0, 0.0))
    return quality, exactness if quality else 0
