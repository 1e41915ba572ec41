"""What is logged of an error that nobody foresaw: where it happened, and nobody's values."""

import json
import logging
import sys
import traceback

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.user.commands import UserCreate
from handlers.delivery.logs import JsonLines, TextLines
from storage.delivery.engine import make_engine
from tests.integration.postgres import Databases

CANARY = "canary@people.example"
ADD = text(
    "INSERT INTO pg_temp.person (email, name) VALUES (:email, 'the canary''s name') RETURNING email"
)


def logged(form: logging.Formatter, failure: BaseException) -> str:
    trouble = (type(failure), failure, failure.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "it failed", (), trouble)
    return form.format(record)


async def test_an_error_of_the_database_says_no_values(databases: Databases) -> None:
    """Neither parameters nor the row in the way; the constraint and the place are said."""
    engine = make_engine(databases.of("user").administrator, connections=1, name="test")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TEMP TABLE person (email text UNIQUE, name text)"))
        await connection.execute(ADD, {"email": CANARY})
        with pytest.raises(IntegrityError) as told:
            await connection.execute(ADD, {"email": CANARY})
    await engine.dispose()
    assert CANARY in "".join(traceback.format_exception(told.value)), "the driver does say it"
    for form in (JsonLines(), TextLines()):
        line = logged(form, told.value)
        assert "canary@" not in line
        assert "person_email_key" in line
        assert "IntegrityError" in line


def test_an_error_of_a_body_says_no_values() -> None:
    """A message that does not fit its contract is told by fields and types alone."""
    body = json.dumps({"email": CANARY, "name": 7, "password": [CANARY]})
    with pytest.raises(ValidationError) as told:
        UserCreate.model_validate_json(body)
    line = logged(JsonLines(), told.value)
    assert "canary" not in line.replace(__file__, "")
    assert "password" in line


def test_a_line_is_one_line_for_every_reader() -> None:
    """Whatever a message, a field or an error says, it ends no line."""
    marks = "\r\n\u2028\u2029\u0085\x1b[2J\x00"
    try:
        raise RuntimeError(marks)
    except RuntimeError:
        trouble = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, f"it {marks}", (), trouble)
    record.fields = {"name": marks}
    line = JsonLines().format(record)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert json.loads(line)["name"] == marks
