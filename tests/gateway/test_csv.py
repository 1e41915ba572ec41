"""Tables as CSV: what a spreadsheet reads is what was meant, and nothing in it is run."""

import csv
import io
from decimal import Decimal

import pytest

from gateway.edge.csv import Cell, csv_answer, csv_text, prefers_csv
from gateway.edge.visit import Visit


def visit(accept: str | None) -> Visit:
    headers = {} if accept is None else {b"accept": accept.encode()}
    return Visit("GET", "/tenants/1/usage", b"", "r", "t", headers)


def cell(value: Cell) -> str:
    return csv_text(["only"], [[value]]).decode().split("\r\n", 1)[1].removesuffix("\r\n")


def test_a_table_has_its_columns_first_and_ends_every_line_in_cr_lf() -> None:
    """RFC 4180: the names, then the rows, each ended by CR LF; None is an empty cell."""
    text = csv_text(["day", "metric", "value"], [["2026-12-01", "bookings", 3], ["x", None, 0]])
    assert text == b"day,metric,value\r\n2026-12-01,bookings,3\r\nx,,0\r\n"
    assert csv_text(["day"], []) == b"day\r\n"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_begins_like_a_formula_is_defused(first: str) -> None:
    """An apostrophe stands before it, inside the quotes where there are some."""
    text = csv_text(["name"], [[f"{first}HYPERLINK(1,2)"]]).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["name"],
        [f"'{first}HYPERLINK(1,2)"],
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-3, "-3"),
        (Decimal("-12.50"), "-12.50"),
        (Decimal("0E+3"), "0"),
        (Decimal("1E+3"), "1000"),
        (True, "true"),
        (False, "false"),
        ("3", "3"),
        ("a=b", "a=b"),
    ],
)
def test_a_number_stays_a_number(value: Cell, written: str) -> None:
    """Also one below zero, and never with an exponent; a text is changed by its beginning alone."""
    assert cell(value) == written


def test_whatever_is_in_a_text_comes_back_as_it_was() -> None:
    """Commas, quotes, ends of lines and letters of any script are read again as they were."""
    texts = ['a,b;"c"', "two\r\nlines", "Férias, 東京", "  spaces  "]
    read = list(csv.reader(io.StringIO(csv_text(texts, [texts]).decode(), newline="")))
    assert read == [texts, texts]


def test_the_answer_says_what_it_is() -> None:
    """text/csv in UTF-8; with a name it is kept under that by a browser."""
    answer = csv_answer(["a"], [["ã"]], "statement-2026-11.csv")
    assert (answer.media_type, answer.encoding) == ("text/csv", "utf-8")
    assert answer.content == "a\r\nã\r\n".encode()
    assert answer.headers["content-disposition"] == 'attachment; filename="statement-2026-11.csv"'
    assert "content-disposition" not in csv_answer(["a"], []).headers


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/csv", True),
        ("Text/CSV; charset=utf-8", True),
        ("text/*", True),
        ("text/csv, */*", True),
        ("text/csv, application/json;q=0.5", True),
        ("text/csv;q=0.4, application/json;q=0.3", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/csv, application/json", False),
        ("text/csv;q=0.3, */*;q=0.8", False),
        ("text/csv;q=0, */*;q=0", False),
        ("text/*, text/csv;q=0", False),
        ("text/csv;q=never", False),
        ("text/csv;q=nan", False),
        ("text/csv;q=2", False),
        (",;=,text", False),
    ],
)
def test_csv_is_for_whoever_prefers_it(accept: str | None, wanted: bool) -> None:
    """The higher quality wins, then what is named more exactly, then JSON."""
    assert prefers_csv(visit(accept)) is wanted
