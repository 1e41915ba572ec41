"""Swagger UI: a request can be tried, from signing in to its answer."""

import json

from playwright.sync_api import Locator, Page

from tests.browser.conftest import Opener
from tests.installation import Installation


def unfolded(page: Page, tag: str, operation: str) -> Locator:
    block = page.locator(f"#operations-{tag}-{operation}")
    block.locator(".opblock-summary-control").click()
    block.locator("button.execute").wait_for()
    return block


def executed(block: Locator) -> tuple[str, str]:
    """Status and body of the answer."""
    block.locator("button.execute").click()
    live = block.locator(".live-responses-table .response").first
    live.wait_for()
    status = live.locator(".response-col_status").inner_text().split()[0]
    return status, live.locator(".highlight-code code").first.inner_text()


def test_a_request_is_tried(visit: Opener, installation: Installation) -> None:
    """Sign in, authorize with the token, ask who that is: 200; without the token it is 401."""
    found = visit("/users/docs")
    page = found.page
    me = unfolded(page, "sign-in", "auth_me")
    status, body = executed(me)
    assert (status, json.loads(body)["code"]) == ("401", "unauthorized")
    # The browser itself complains of every answer that is an error.
    (complaint,) = found.complaints
    assert "status of 401" in complaint
    found.complaints.clear()
    sign_in = unfolded(page, "sign-in", "auth_token")
    credentials = {
        "tenant": None,
        "email": installation.admin_email,
        "password": installation.admin_password,
    }
    sign_in.locator("textarea.body-param__text").fill(json.dumps(credentials))
    status, body = executed(sign_in)
    assert status == "200"
    page.locator("button.btn.authorize").first.click()
    page.locator("#auth-bearer-value").fill(json.loads(body)["access_token"])
    page.locator(".auth-btn-wrapper button.authorize").first.click()
    page.locator(".btn-done").first.click()
    me.locator("button.btn-clear").click()
    status, body = executed(me)
    assert (status, json.loads(body)["email"]) == ("200", installation.admin_email)


def test_the_example_is_in_the_form(visit: Opener) -> None:
    """A booking's body is filled in, and each refusal has its example to choose."""
    page = visit("/reservations/docs").page
    block = unfolded(page, "bookings", "booking_create")
    body = json.loads(block.locator("textarea.body-param__text").input_value())
    assert {"resource_id", "starts_at", "ends_at"} <= set(body)
    conflict = block.locator("tr.response[data-code='409'] select.examples-select-element")
    shown = conflict.locator("option").all_text_contents()
    assert "booking_conflict: The time is taken" in shown
