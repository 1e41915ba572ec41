"""`/`, `/tenants/docs` and the other three, `/asyncapi`: in the reader's language."""

import asyncio
from collections.abc import Mapping
from functools import cached_property

from litestar import Controller, get

from gateway.edge.answers import HttpAnswer
from gateway.edge.asyncapi.messages import LETTER, OWN_QUERIES, REPLY
from gateway.edge.asyncapi.reading import book
from gateway.edge.asyncapi.serving import Messages
from gateway.edge.pages.assets import Assets
from gateway.edge.pages.html import LANGUAGES, language_of, page, policy
from gateway.edge.pages.words import WORDS
from gateway.edge.unchanging import Unchanging, unchanging_answer
from gateway.edge.visit import HttpRequest, visit_of

SUBJECTS = ("tenants", "resources", "users", "reservations")
LANDING, MESSAGES = "home", "messages"
# Which stand on more than one channel, and are described once.
_COMMON = (*OWN_QUERIES, REPLY, LETTER)


class Pages:
    """All pages by name and language, rendered when the first of them is asked for."""

    def __init__(self, assets: Assets, messages: Messages) -> None:
        self._assets = assets
        self._messages = messages

    @cached_property
    def rendered(self) -> Mapping[tuple[str, str], Unchanging]:
        return {
            (name, language): found
            for language in LANGUAGES
            for name, found in self._in(language).items()
        }

    def _in(self, language: str) -> Mapping[str, Unchanging]:
        said = {"words": WORDS[language], "subjects": SUBJECTS, "place": self._assets.place}
        plain = policy()
        document = self._messages.document
        return {
            LANDING: page("landing.html", language, plain, here=LANDING, **said),
            MESSAGES: page(
                "asyncapi.html",
                language,
                plain,
                here=MESSAGES,
                about=document["info"]["description"],
                book=book(document),
                common=_COMMON,
                **said,
            ),
            **{name: page("swagger.html", language, plain, here=name, **said) for name in SUBJECTS},
        }


class PageController(Controller):
    tags = ("pages",)

    @get("/", operation_id="landing_page", summary="What this is, and how it is")
    async def landing(self, request: HttpRequest) -> HttpAnswer:
        return await _page(request, LANDING)

    @get("/asyncapi", operation_id="asyncapi_page", summary="Read about every message")
    async def messages(self, request: HttpRequest) -> HttpAnswer:
        return await _page(request, MESSAGES)

    @get("/tenants/docs", operation_id="tenants_page", summary="Try the operations on tenants")
    async def tenants(self, request: HttpRequest) -> HttpAnswer:
        return await _page(request, "tenants")

    @get("/resources/docs", operation_id="resources_page", summary="Try those on resources")
    async def resources(self, request: HttpRequest) -> HttpAnswer:
        return await _page(request, "resources")

    @get("/users/docs", operation_id="users_page", summary="Try those on users")
    async def users(self, request: HttpRequest) -> HttpAnswer:
        return await _page(request, "users")

    @get("/reservations/docs", operation_id="reservations_page", summary="Try those on bookings")
    async def reservations(self, request: HttpRequest) -> HttpAnswer:
        return await _page(request, "reservations")


async def _page(request: HttpRequest, name: str) -> HttpAnswer:
    pages: Pages = request.app.state.pages
    # Rendered apart: it takes a part of a second, in which others have their turn.
    rendered = await asyncio.to_thread(lambda: pages.rendered)
    return unchanging_answer(request, rendered[name, language_of(visit_of(request))])
