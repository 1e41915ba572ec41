"""Every page: quiet, readable in both schemes, on a phone and by keyboard, in two languages."""

from typing import Any

import pytest

from tests.browser.conftest import Opener

PATHS = (
    "/",
    "/asyncapi",
    "/tenants/docs",
    "/resources/docs",
    "/users/docs",
    "/reservations/docs",
)
# Those that are ours alone, without Swagger UI.
PLAIN = ("/", "/asyncapi")
# The least contrast of any text that is seen (WCAG 2.2, 1.4.3), and of what text.
CONTRAST = """() => {
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [...document.querySelectorAll("h1, h2, h3, p, a, th, td, li, code, summary")]
    .filter((one) => one.offsetParent !== null)
    .map((one) => {
      const [a, b] = [light(getComputedStyle(one).color), light(ground(one))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.outerHTML.slice(0, 80)];
    });
  return found.sort((a, b) => a[0] - b[0])[0];
}"""
FOCUS = """() => {
  const one = document.activeElement;
  const place = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  return {
    href: one.tagName === "A" ? one.getAttribute("href") : null,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    seen: place.right > 0 && place.bottom > 0 && place.left < innerWidth && place.top < innerHeight,
  };
}"""


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_quiet_and_fits_a_phone(visit: Opener, path: str) -> None:
    """No error, no broken policy, no request to another host, also for Swagger UI; and on a phone
    nothing stands out to the side, with everything unfolded."""
    page = visit(path).page
    assert page.title().endswith("Slotstream")
    assert page.locator("main h1").first.inner_text()
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    wide: Any = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide == [360, 360]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PLAIN)
def test_a_page_can_be_read(visit: Opener, path: str, scheme: str) -> None:
    """In the reader's scheme, each text with a contrast of 4.5 to 1 at least."""
    found = visit(path, color_scheme=scheme)
    ground = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
    least, text = found.page.evaluate(CONTRAST)
    assert least >= 4.5, text


def test_swagger_is_dark_in_the_dark(visit: Opener) -> None:
    """Its own colours follow the reader's scheme, also when that changes."""
    found = visit("/resources/docs", color_scheme="light")
    assert found.page.locator("html.dark-mode").count() == 0
    found.page.emulate_media(color_scheme="dark")
    found.page.wait_for_selector("html.dark-mode")


@pytest.mark.parametrize(
    ("locale", "heading"), [("pt-BR", "Estado do sistema"), ("en-GB", "State of the system")]
)
def test_the_language_is_the_browsers(visit: Opener, locale: str, heading: str) -> None:
    """By Accept-Language; what the script shows is in it too."""
    found = visit("/", locale=locale)
    assert found.page.locator("html").get_attribute("lang") in (locale, locale[:2])
    assert found.page.get_by_role("heading", name=heading).is_visible()
    found.page.wait_for_selector("#status.ready")
    said = {"pt-BR": "Todas as partes respondem.", "en-GB": "All parts answer."}
    assert found.page.inner_text("#status") == said[locale]


def test_the_keyboard_reaches_every_link(visit: Opener) -> None:
    """Tab goes through all of them in their order, each is seen and outlined."""
    page = visit("/").page
    links = page.locator("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    reached = []
    for _ in links:
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        reached.append(focus["href"])
        assert focus["outlined"]
        assert focus["seen"]
    assert reached == links
    assert reached[0] == "#content"


def test_the_keyboard_follows_a_link_and_skips(visit: Opener) -> None:
    """Enter leads on; the first link leads past the navigation."""
    page = visit("/").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["href"] == "/tenants/docs"
    page.keyboard.press("Enter")
    page.wait_for_url("**/tenants/docs")


def test_a_message_is_unfolded_by_keyboard(visit: Opener) -> None:
    """Its fields and its example are there once it is."""
    page = visit("/asyncapi#reservationCommands").page
    message = page.locator("[id='message-booking.create']")
    message.locator("summary").focus()
    page.keyboard.press("Enter")
    message.get_by_text("starts_at", exact=True).wait_for()
    assert '"type": "booking.create"' in message.locator("pre").inner_text()
