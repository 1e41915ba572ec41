"""What is logged of an error that nobody foresaw: where it happened, and nobody's values."""

import json
import logging
import traceback

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.user.commands import UserCreate
from journal.notes import note
from storage.delivery.engine import make_engine
from tests.integration.postgres import Databases
from tests.log_output import written

CANARY = "canary@people.example"
ADD = text(
    "INSERT INTO pg_temp.person (email, name) VALUES (:email, 'the canary''s name') RETURNING email"
)
STYLES = ("json", "text")


def logged(style: str, failure: BaseException) -> str:
    """The lines of an error that we note, and of one that a library does."""
    with written(style) as output:
        note(logging.ERROR, "it failed", trouble=failure)
        told = (type(failure), failure, failure.__traceback__)
        logging.getLogger("library").error("it failed there", exc_info=told)
    return output.getvalue()


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
    for style in STYLES:
        lines = logged(style, told.value)
        assert "canary@" not in lines
        assert lines.count("person_email_key") >= 2
        assert "IntegrityError" in lines


@pytest.mark.parametrize("style", STYLES)
def test_an_error_of_a_body_says_no_values(style: str) -> None:
    """A message that does not fit its contract is told by fields and types alone."""
    body = json.dumps({"email": CANARY, "name": 7, "password": [CANARY]})
    with pytest.raises(ValidationError) as told:
        UserCreate.model_validate_json(body)
    lines = logged(style, told.value)
    assert "canary" not in lines.replace(__file__, "")
    assert "password" in lines
