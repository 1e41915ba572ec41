"""The landing page's state: it follows the installation, and says when it cannot."""

import signal
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Opener
from tests.installation import Installation


@pytest.fixture
def stopped_subscriber(installation: Installation) -> Iterator[Installation]:
    """Its subscriber lives, and does nothing until the test is over."""
    pid = installation.kill("subscriber", number=signal.SIGSTOP)
    yield installation
    installation.kill("subscriber", number=signal.SIGCONT)
    assert installation.pids("subscriber") == [pid]


def test_all_that_runs_is_shown(visit: Opener) -> None:
    """Parts, groups and versions stand in their tables, without a reload."""
    page = visit("/").page
    page.wait_for_selector("#status.ready")
    parts = page.locator("#parts tbody tr").all_inner_texts()
    assert "reservation\tok" in parts
    assert "billing\tok" in parts
    streams = page.locator("#streams tbody tr").all_inner_texts()
    assert [one for one in streams if one.startswith("reservation.commands\treservation\t")]
    assert [one for one in page.locator("#versions td").all_inner_texts() if one == "0.1.0"]


def test_what_fails_is_shown(visit: Opener, stopped_subscriber: Installation) -> None:
    """A subscriber that does not answer is named; bookings are still taken, and that is said."""
    page = visit("/").page
    page.wait_for_selector("#status.degraded")
    assert "Bookings are taken" in page.inner_text("#status")
    parts = page.locator("#parts tbody tr").all_inner_texts()
    assert "audit\tno answer" in parts
    assert "reservation\tok" in parts
    stopped_subscriber.kill("subscriber", number=signal.SIGCONT)
    page.wait_for_selector("#status.ready")


def test_what_fails_is_said_in_portuguese(visit: Opener, stopped_subscriber: Installation) -> None:
    """What a part says is in the language of the page too."""
    page = visit("/", locale="pt-BR").page
    page.wait_for_selector("#status.degraded")
    parts = page.locator("#parts tbody tr").all_inner_texts()
    assert "audit\tsem resposta" in parts
    assert "reservation\tok" in parts
    stopped_subscriber.kill("subscriber", number=signal.SIGCONT)
    page.wait_for_selector("#status.ready")


def test_a_gateway_that_is_away_is_told(visit: Opener) -> None:
    """What is shown is from before, and the page says from when; later it goes on by itself."""
    found = visit("/")
    page = found.page
    page.wait_for_selector("#status.ready")
    found.context.set_offline(True)
    page.wait_for_selector("#status.unreachable")
    assert page.inner_text("#at") in page.inner_text("#status")
    assert page.locator("#parts tbody tr").count() > 0
    found.context.set_offline(False)
    page.wait_for_selector("#status.ready")
    # The browser itself complains of each request that it could not make.
    assert found.complaints
    assert all("ERR_INTERNET_DISCONNECTED" in one for one in found.complaints)
    found.complaints.clear()
