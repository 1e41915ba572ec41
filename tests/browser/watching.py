"""A page that notes what it complains of, and whom it asks for something."""

from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Request

# Chromium on a busy machine; what is there sooner is seen sooner.
WITHIN_MS = 90_000


class Watched:
    """One page in a context of its own."""

    def __init__(self, browser: Browser, base_url: str, habits: dict[str, Any]) -> None:
        self.base_url = base_url
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.context = browser.new_context(base_url=base_url, **habits)
        self.page = self.context.new_page()
        self.page.set_default_timeout(WITHIN_MS)
        self.page.on("console", self._said)
        self.page.on("pageerror", self._failed)
        self.page.on("request", self._asked)

    def go(self, path: str) -> None:
        """The page is there, with all that it loads; one with Swagger UI has its operations."""
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status == 200
        if path.endswith("/docs"):
            self.page.wait_for_selector(".opblock")

    def close(self) -> None:
        self.context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error}")

    def _asked(self, request: Request) -> None:
        own = (self.base_url, "data:", "blob:")
        if not request.url.startswith(own):
            self.elsewhere.append(request.url)
