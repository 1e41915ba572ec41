"""A list as a table: all of it, or the reason why not."""

from typing import Any

import pytest

from contracts.subscriber.audit import AuditList
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from contracts.wire.strict import Query
from gateway.edge import whole_lists
from gateway.edge.problems import Refused
from gateway.edge.stream_client import NoReply
from gateway.edge.whole_lists import whole


class Shelf:
    """Answers with so many items, and notes what it was asked."""

    def __init__(self, count: int, *ends: Reply | NoReply) -> None:
        self.count = count
        self.asked: list[dict[str, Any]] = []
        self.ends = list(ends)

    async def answer(self, asked: Query) -> Reply | NoReply:
        said = asked.model_dump(exclude_unset=True)
        self.asked.append(said)
        if self.ends and said.get("cursor"):
            return self.ends.pop()
        since, limit = int(said.get("cursor", 0)), said.get("limit", 50)
        until = min(since + limit, self.count)
        following = str(until) if until < self.count else None
        body = {"items": list(range(since, until)), "next_cursor": following, "total": self.count}
        return Reply(200, body)


async def test_every_page_is_asked_for() -> None:
    """One after the other, by cursor; what is said beside the items is the first page's."""
    shelf = Shelf(5)
    reply = await whole(AuditList(subject="booking/1"), shelf.answer, 2)
    assert reply == Reply(200, {"items": [0, 1, 2, 3, 4], "next_cursor": None, "total": 5})
    rest: list[dict[str, Any]] = [{}, {"cursor": "2"}, {"cursor": "4"}]
    assert shelf.asked == [{"subject": "booking/1", "limit": 2, **more} for more in rest]


async def test_what_is_no_list_is_asked_for_once() -> None:
    """As it was asked."""
    shelf = Shelf(5)
    assert await whole(AuditList(), shelf.answer, 0) == await Shelf(5).answer(AuditList())
    assert shelf.asked == [{}]


@pytest.mark.parametrize("end", [NoReply.LATE, refusal(Problem(code="not_found"), "f" * 32)])
async def test_a_page_that_fails_is_the_answer(end: Reply | NoReply) -> None:
    """Half of a list is never told as the whole."""
    assert await whole(AuditList(), Shelf(5, end).answer, 2) is end


async def test_what_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as there is another page beyond the most."""
    monkeypatch.setattr(whole_lists, "MOST_ITEMS", 4)
    with pytest.raises(Refused):
        await whole(AuditList(), Shelf(5).answer, 2)
    reply = await whole(AuditList(), Shelf(4).answer, 2)
    assert isinstance(reply, Reply)
    assert reply.body["items"] == [0, 1, 2, 3]
