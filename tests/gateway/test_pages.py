"""The HTML pages and their files: for anybody, in their language, and nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest
from litestar import Litestar

from gateway.app import PAGES
from gateway.edge.openapi.documents import operations_of
from gateway.edge.pages.assets import FOLDER, SWAGGER
from gateway.edge.pages.words import WORDS
from tests.gateway.house import House
from tests.unit.docs.test_architecture import codes, rows

PATHS = {
    "landing_page": "/",
    "asyncapi_page": "/asyncapi",
    "tenants_page": "/tenants/docs",
    "resources_page": "/resources/docs",
    "users_page": "/users/docs",
    "reservations_page": "/reservations/docs",
    "asset": "/assets/{name}",
}
HTML = [path for path in PATHS.values() if "{" not in path]
FILES = sorted({*SWAGGER, *(path.name for path in FOLDER.iterdir())})
# Elements that load something, and by which attribute.
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src"}


class Reader(HTMLParser):
    """What a page loads, where it leads, and what it says of itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = set()
        self.inline = 0
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.inline += (tag == "script" and "src" not in said) or tag == "style"
        self.inline += sum(name == "style" or name.startswith("on") for name in said)
        if tag in LOADING:
            self.loads.append(said.get(LOADING[tag], ""))
        if tag == "a":
            self.leads.append(said["href"])
        if tag == "html":
            self.language = said["lang"]
        self.anchors.add(said.get("id", ""))


def test_every_page_stands_in_the_table() -> None:
    """The table above has each route that is for people, and no other."""
    found = operations_of(Litestar(route_handlers=PAGES, openapi_config=None).routes)
    assert {name: one.path for name, one in found.items()} == PATHS


def test_every_page_stands_in_the_architecture() -> None:
    """Its table has them all, and no other."""
    written = set().union(*(codes(row[0]) for row in rows("Pages")))
    assert written == set(PATHS.values())


@pytest.mark.parametrize("path", HTML)
async def test_a_page_loads_files_of_its_own_host_alone(house: House, path: str) -> None:
    """Whatever it names is there, with a type and a year to keep it; nothing is inline."""
    answer = await house.client.get(path)
    page = Reader(answer.text)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.loads
    assert page.inline == 0
    for place in page.loads:
        loaded = await house.client.get(place)
        assert loaded.status_code == 200
        assert loaded.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert place.partition("?")[0].startswith("/assets/")


@pytest.mark.parametrize("path", HTML)
async def test_a_page_may_run_and_load_its_own_alone(house: House, path: str) -> None:
    """The policy names no other host and nothing unsafe; the other headers stay."""
    answer = await house.client.get(path)
    said = answer.headers["content-security-policy"]
    policy = dict(part.split(" ", 1) for part in said.split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in said
    assert "//" not in said
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", HTML)
@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"),
        ("pt", "pt-BR"),
        ("en-GB,pt;q=0.5", "en"),
        ("de", "en"),
        ("", "en"),
    ],
)
async def test_a_page_speaks_its_readers_language(
    house: House, path: str, accepted: str, language: str
) -> None:
    """Portuguese for who likes it best, else English; and caches are told what it went by."""
    answer = await house.client.get(path, headers={"accept-language": accepted})
    assert Reader(answer.text).language == answer.headers["content-language"] == language
    assert WORDS[language]["to_content"] in answer.text
    assert "Accept-Language" in answer.headers["vary"]


def test_both_languages_say_the_same_things() -> None:
    """No text is missing in one of them, or left untranslated by an empty one."""
    assert set(WORDS["en"]) == set(WORDS["pt-BR"])
    assert all(text for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize("path", ["/", "/asyncapi"])
async def test_every_link_of_a_page_leads_somewhere(house: House, path: str) -> None:
    """What it links to is answered with 200, and each anchor is in the page."""
    page = Reader((await house.client.get(path)).text)
    for place in set(page.leads):
        if place.startswith("#"):
            assert place[1:] in page.anchors
        else:
            assert (await house.client.get(place)).status_code == 200


async def test_the_landing_page_names_what_there_is(house: House) -> None:
    """The four documentations, the messages, and the documents beside them."""
    page = Reader((await house.client.get("/")).text)
    subjects = ("tenants", "resources", "users", "reservations")
    assert {f"/{one}/docs" for one in subjects} <= set(page.leads)
    assert {f"/{one}/openapi.json" for one in subjects} <= set(page.leads)
    assert {"/asyncapi", "/asyncapi.json"} <= set(page.leads)


@pytest.mark.parametrize("path", [*HTML, "/assets/pages.css"])
async def test_who_has_it_is_not_sent_it_again(house: House, path: str) -> None:
    """304 to its ETag, packed or not; and the two are told apart."""
    plain = await house.client.get(path, headers={"accept-encoding": "identity"})
    packed = await house.client.get(path, headers={"accept-encoding": "br, gzip"})
    assert plain.content == packed.content
    for answer, coding in ((plain, "identity"), (packed, "gzip")):
        headers = {"if-none-match": answer.headers["etag"], "accept-encoding": coding}
        again = await house.client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]


async def test_gzip_may_be_declined(house: House) -> None:
    """A weight of nothing is no; packed is much smaller, and another thing to a cache."""
    place = "/assets/swagger-ui-bundle.js"
    plain = await house.client.get(place, headers={"accept-encoding": "br"})
    for declined in ("gzip;q=0", "gzip; q=0.0", "identity"):
        again = await house.client.get(place, headers={"accept-encoding": declined})
        assert "content-encoding" not in again.headers
        assert again.headers["etag"] == plain.headers["etag"]
    packed = await house.client.get(place, headers={"accept-encoding": "gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2


@pytest.mark.parametrize("name", FILES)
async def test_a_file_is_kept_by_its_version_alone(house: House, name: str) -> None:
    """Without its version, or with another, it is asked for again each time."""
    for query in ("", "?v=another"):
        answer = await house.client.get(f"/assets/{name}{query}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["pages.py", "..%2fassets.py", "swagger-ui-bundle.js.map", "x"])
async def test_no_other_file_is_served(house: House, name: str) -> None:
    """Names are looked up in a table, and not on the disk."""
    answer = await house.client.get(f"/assets/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_pages_ask_nobody(house: House) -> None:
    """What they are made of is in the process: no message is written for them."""
    for path in HTML:
        await house.client.get(path)
    assert house.peer.heard == []


async def test_the_pages_of_messages_show_each_of_them(house: House) -> None:
    """Every channel and message of the document has its place in the page, in each language."""
    document = (await house.client.get("/asyncapi.json")).json()
    for language in WORDS:
        text = (await house.client.get("/asyncapi", headers={"accept-language": language})).text
        page = Reader(text)
        assert {*document["channels"]} <= page.anchors
        assert {f"message-{name}" for name in document["components"]["messages"]} <= page.anchors
        assert {f"schema-{name}" for name in document["components"]["schemas"]} <= page.anchors
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids))
