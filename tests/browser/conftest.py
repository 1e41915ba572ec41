"""One installation and one browser for all of these tests.

Playwright's loop counts as running in its thread for as long as it is open, and no coroutine test
could run there meanwhile. So it lives as long as this package's tests, which are all plain, and is
closed before anybody else's.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, chromium
from tests.browser.watching import Watched
from tests.installation import Installation

Opener = Callable[..., Watched]


@pytest.fixture(scope="package")
def executable() -> str:
    return chromium(os.environ)


@pytest.fixture(scope="package")
def installation(executable: str) -> Iterator[Installation]:
    """What `make run` starts; the browser is asked for first, so that nothing starts in vain."""
    with Installation({"RATE_LIMIT_ENABLED": "false", "WORKERS": "1"}) as found:
        yield found


@pytest.fixture(scope="package")
def browser(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture
def visit(installation: Installation, browser: Browser) -> Iterator[Opener]:
    """Opens a path as a reader with these habits: `locale`, `color_scheme`, `viewport` …. At the
    end nothing may have been said on the console or asked of another host."""
    opened: list[Watched] = []

    def open_page(path: str, **habits: object) -> Watched:
        found = Watched(browser, installation.base_url, habits)
        opened.append(found)
        found.go(path)
        return found

    yield open_page
    for one in opened:
        one.close()
    for one in opened:
        assert one.complaints == []
        assert one.elsewhere == []
