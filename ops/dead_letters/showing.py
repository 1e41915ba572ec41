"""Dead letters on a terminal, or as JSON for another program."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.dead_letters.letters import DeadLetter, as_document

# Where no terminal says how wide it is, nothing is cut off.
UNLIMITED = 400
COLUMNS = ("id", "at", "reason", "type", "tenant", "group", "deliveries")


def console() -> Console:
    """Standard output, in colours where it is a terminal."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=UNLIMITED)


def show_table(found: Iterable[DeadLetter], out: Console) -> None:
    """A line for each, and how many there are of each reason."""
    table = Table(*COLUMNS, box=None, header_style="bold")
    reasons: Counter[str] = Counter()
    for letter in found:
        reasons[letter.reason] += 1
        at = letter.at.strftime("%Y-%m-%d %H:%M:%S")
        of_message = (letter.said("type"), letter.said("tenantid"))
        cells = (letter.name, at, letter.reason, *of_message, letter.group, letter.deliveries)
        table.add_row(*(plain(cell) for cell in cells))
    if reasons:
        out.print(table)
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    out.print(plain(f"{reasons.total()} dead letters{': ' if told else ''}{told}"))


def show_json(found: Iterable[DeadLetter]) -> None:
    """One JSON object a line."""
    for letter in found:
        print(json.dumps(as_document(letter)))


def show_one(letter: DeadLetter, out: Console, *, payload: bool) -> None:
    """All that may be seen of it."""
    document = as_document(letter, payload=payload)
    headers = document.pop("headers")
    others = document.pop("other_fields")
    said = document.pop("payload", None)
    _show_pairs(document, out)
    out.print("message", style="bold")
    _show_pairs(headers, out)
    if said is None:
        _show_pairs({name: f"{size} bytes, with --payload" for name, size in others.items()}, out)
    else:
        _show_pairs(said, out)


def plain(value: Any) -> Text:
    """As it is, without what would move the cursor or be taken for markup: anybody's words may be
    in an entry."""
    return Text("".join(one if one.isprintable() else repr(one)[1:-1] for one in str(value)))


def _show_pairs(document: dict[str, Any], out: Console) -> None:
    table = Table(box=None, show_header=False)
    for name, value in document.items():
        table.add_row(plain(name), plain(value))
    out.print(table)
