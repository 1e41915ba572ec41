"""Whether the tests in a browser run, are skipped, or fail."""

import shutil

import pytest

from tests.browser.chromium import MISSING, chromium


def test_without_a_browser_they_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason says how to get one."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        chromium({"REQUIRE_BROWSER": "0"})


def test_where_one_is_required_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that says REQUIRE_BROWSER=1 does not pass without them."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match=MISSING):
        chromium({"REQUIRE_BROWSER": "1"})


def test_where_there_is_one_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is required."""
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/chromium")
    assert chromium({}) == chromium({"REQUIRE_BROWSER": "1"}) == "/usr/bin/chromium"
