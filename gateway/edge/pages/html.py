"""A page: rendered once for each language, and what a browser may do with it."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from gateway.edge.problems import preferred_language
from gateway.edge.unchanging import Unchanging
from gateway.edge.visit import Visit

ENGLISH, PORTUGUESE = "en", "pt-BR"
LANGUAGES = (ENGLISH, PORTUGUESE)
HTML = "text/html"
# Scripts and styles are files of ours; nothing is loaded from elsewhere, framed or sent away.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> Markup:
    """The text, escaped, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped above


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["prose"] = prose


def language_of(visit: Visit) -> str:
    """That of the page for Accept-Language: Portuguese for whoever likes that best."""
    liked = preferred_language(visit.header(b"accept-language")).lower()
    return PORTUGUESE if liked == "pt" or liked.startswith("pt-") else ENGLISH


def policy(**changed: str) -> str:
    """The Content-Security-Policy of a page; names are spelled with `_`."""
    said = _POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in said.items())


def page(template: str, language: str, security: str, **said: Any) -> Unchanging:
    """The template filled in; all that is said is escaped."""
    text = _TEMPLATES.get_template(template).render(language=language, **said)
    return Unchanging.of(
        text.encode(),
        HTML,
        content_language=language,
        content_security_policy=security,
        vary="Accept-Language",
    )
