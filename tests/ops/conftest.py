"""Installations with real servers and stand-ins for our own parts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.installation import Installation

STANDIN_COMMAND = ("-m", "tests.ops.standin_installation", "run")
MakeInstallation = Callable[..., Installation]


@pytest.fixture
def installations() -> Iterator[MakeInstallation]:
    """Makes installations that are gone when the test is over."""
    made: list[Installation] = []

    def make(environment: dict[str, str] | None = None, **options: Any) -> Installation:
        made.append(Installation(environment, command=STANDIN_COMMAND, **options))
        return made[-1]

    yield make
    for installation in made:
        installation.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    """One with every part there can be, that runs for all tests of a module; they leave it as they
    find it."""
    told = {"KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092"}
    with Installation(told, command=STANDIN_COMMAND) as installation:
        yield installation
