"""Where Debian's Chromium is; without one these tests are skipped, or fail where they must run."""

import shutil
from collections.abc import Mapping

import pytest

REQUIRED = "REQUIRE_BROWSER"
MISSING = "there is no Chromium on this machine: apt-get install chromium"
# Nothing of it may ask another host for anything of its own accord.
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium(environment: Mapping[str, str]) -> str:
    """Its path. Without one: a failure where REQUIRE_BROWSER=1, or the test is skipped."""
    found = shutil.which("chromium")
    if found is not None:
        return found
    if environment.get(REQUIRED) == "1":
        pytest.fail(f"{MISSING}, or leave {REQUIRED} unset to go without these tests")
    pytest.skip(MISSING)
