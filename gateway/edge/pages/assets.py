"""`/assets/…`: scripts, styles and the picture of the pages, and Swagger UI from its wheel."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from litestar import Controller, get
from litestar.params import FromPath

from gateway.edge.answers import HttpAnswer
from gateway.edge.problems import refused
from gateway.edge.unchanging import Unchanging, unchanging_answer
from gateway.edge.visit import HttpRequest, visit_of

FOLDER = Path(__file__).with_name("assets")
# Of Swagger UI no more than the pages load: its wheel brings maps and other builds besides.
SWAGGER_FOLDER = "vendor/swagger-ui-5.31.0"
SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js")
_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The files by their names, read when the first of them is asked for."""

    @cached_property
    def found(self) -> Mapping[str, Unchanging]:
        own = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
        swagger = files("swagger_ui_bundle").joinpath(SWAGGER_FOLDER)
        theirs = {name: swagger.joinpath(name).read_bytes() for name in SWAGGER}
        return {
            name: Unchanging.of(content, _MEDIA_TYPES[Path(name).suffix])
            for name, content in (own | theirs).items()
        }

    def place(self, name: str) -> str:
        """The address of a file: another one when the file is another."""
        return f"/assets/{name}?v={_version(self.found[name])}"


def _version(found: Unchanging) -> str:
    return found.etag.strip('"')[:12]


class AssetController(Controller):
    tags = ("pages",)

    @get("/assets/{name:str}", operation_id="asset", summary="A file that the pages load")
    async def one(self, request: HttpRequest, name: FromPath[str]) -> HttpAnswer:
        assets: Assets = request.app.state.assets
        found = (await asyncio.to_thread(lambda: assets.found)).get(name)
        if found is None:
            raise refused("not_found", "There is no such file.")
        if visit_of(request).query == f"v={_version(found)}".encode():
            found = _kept(found)
        return unchanging_answer(request, found)


def _kept(found: Unchanging) -> Unchanging:
    """The same for those who named its version: they need not ask again."""
    packed = None if found.packed is None else _kept(found.packed)
    return replace(found, headers={**found.headers, "cache-control": _FOR_EVER}, packed=packed)
