"""Waiting for a condition with a deadline."""

import itertools

import pytest

from tests import waiting
from tests.waiting import eventually, wait_until


async def test_gives_what_an_async_condition_gave() -> None:
    """An awaitable condition is asked again until it is true, and its value is the answer."""
    turns = itertools.count()

    async def third() -> int | None:
        turn = next(turns)
        return turn if turn == 3 else None

    assert await eventually(third, 5, every=0) == 3


async def test_gives_up_with_the_last_value() -> None:
    """After the deadline the failure names the condition and what it last gave."""

    def depth() -> list[str]:
        return []

    with pytest.raises(AssertionError, match=r"depth did not hold within 0\.01 s.*\[\]"):
        await eventually(depth, 0.01, every=0)


def test_waits_without_a_loop() -> None:
    """The synchronous form keeps the same promises."""
    turns = itertools.count()
    assert wait_until(lambda: next(turns) == 2, 5, every=0) is True
    with pytest.raises(AssertionError, match="last gave False"):
        wait_until(lambda: False, 0.01, every=0)


@pytest.fixture
def standing_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is frozen for an hour between any two looks at the clock."""
    hours = itertools.count(step=3600.0)
    monkeypatch.setattr(waiting, "monotonic", lambda: next(hours))


async def test_a_machine_that_stood_still_is_no_deadline(standing_still: None) -> None:
    """A freeze counts half a second, however long it was: the condition is asked again after it,
    and the deadline is reached all the same."""
    turns, again = itertools.count(), itertools.count()
    assert await eventually(lambda: next(turns) == 9, 5, every=0) is True
    assert wait_until(lambda: next(again) == 9, 5, every=0) is True
    with pytest.raises(AssertionError, match="last gave False"):
        await eventually(lambda: next(turns) < 0, 5, every=0)
    with pytest.raises(AssertionError, match="last gave False"):
        wait_until(lambda: next(again) < 0, 5, every=0)
    # Each waited for ten times half a second, the second time in vain.
    assert (next(turns), next(again)) == (20, 20)
