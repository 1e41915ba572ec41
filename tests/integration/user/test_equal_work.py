"""A refused sign-in costs the same whether there is such an account or not.

Time itself is sampled by bench/sign_in_timing.py; here is what makes it equal: the same statements,
and one look at a hash of the same cost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import event

from contracts.user import commands
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made
from tests.integration.user.addresses import bia_of, change
from tests.integration.user.conftest import PASSWORD, Heard, Tenant
from tests.integration.user.door import sign_in
from tests.integration.user.people import OWNER

# OWASP's second choice (reliability.md): memory in KiB, passes, lanes.
COST = (19_456, 2, 1)


class Work:
    """What was done: statements, and hashes that were looked at."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.costs: list[tuple[int, int, int]] = []


@contextmanager
def watched(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    work = Work()
    verify = PasswordHasher.verify

    def look(hasher: Any, password_hash: str | bytes, password: str | bytes) -> Any:
        found = extract_parameters(str(password_hash))
        work.costs.append((found.memory_cost, found.time_cost, found.parallelism))
        return verify(hasher, password_hash, password)

    def said(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        work.statements.append(statement)

    monkeypatch.setattr(PasswordHasher, "verify", look)
    event.listen(desk.engine.sync_engine, "before_cursor_execute", said)
    yield work
    event.remove(desk.engine.sync_engine, "before_cursor_execute", said)
    monkeypatch.undo()


async def test_there_is_as_much_to_do_for_nobody(
    desk: Desk, salon: Tenant, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, without a password, disabled, deleted: statement for statement a wrong password, and
    one note for the audit trail, which is written without any."""
    await made(desk, salon, "Bia", password=PASSWORD)
    await made(desk, salon, "Nil")
    await made(desk, salon, "Off", password=PASSWORD, active=False)
    gone = await made(desk, salon, "Gone", password=PASSWORD)
    await desk.ask(commands.UserDelete, salon.id, OWNER, user_id=gone["id"])
    heard.notes.clear()
    done = {}
    for name in ("bia", "nobody", "nil", "off", "gone"):
        with watched(desk, monkeypatch) as work:
            reply = await sign_in(desk, salon, email=f"{name}@people.example", password="wrong")
        assert code_of(reply) == (401, "invalid_credentials")
        done[name] = work
        (noted,) = heard.notes
        assert (noted.event_type, noted.tenant_id) == ("auth.sign_in_failed", salon.id)
        heard.notes.clear()
    assert all(work.costs == [COST] for work in done.values())
    assert len(done["bia"].statements) > 3
    for name, work in done.items():
        assert work.statements == done["bia"].statements, name


async def test_another_address_costs_the_same_whosever_it_is(
    desk: Desk, salon: Tenant, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of somebody who is here and of nobody: statement for statement the same, and two messages."""
    bia = await bia_of(desk, salon)
    await made(desk, salon, "Caio")
    done = {}
    for name in ("caio", "nobody"):
        with watched(desk, monkeypatch) as work:
            reply = await change(desk, salon, bia, f"{name}@people.example")
        assert reply.status == 204
        done[name] = work
    assert len(done["caio"].statements) > 5
    assert done["caio"].statements == done["nobody"].statements
    assert done["caio"].costs == done["nobody"].costs == [COST]
    assert heard.notes == []
