"""Dates and times as a mail says them."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from handlers.subscribers.notifications.formats import Formats

ZONE = "America/Sao_Paulo"


@pytest.fixture
def another_machine(tmp_path: Path) -> Iterator[None]:
    """Its zone files say another thing: clocks of Tokyo stand where São Paulo's should."""
    found = tmp_path / ZONE
    found.parent.mkdir()
    tokyo = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    found.write_bytes(tokyo)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("another_machine")
def test_times_are_those_of_the_package() -> None:
    """Whatever the machine has in its zone files, a mail says when the booking is."""
    formats = Formats("en", "en-GB", ZONE)
    said = formats.moment(datetime(2026, 12, 1, 15, tzinfo=UTC))
    assert said == "Tuesday, 1 December 2026, 12:00 (Brasilia Standard Time)"
