"""`/tenants/{tenant_id}/notification-templates/`: a tenant's own texts for what people are told."""

from litestar import Controller, delete, get, post, put
from litestar.params import FromPath

from contracts.subscriber.templates import (
    TemplateGet,
    TemplateList,
    TemplatePreview,
    TemplateReset,
    TemplateSet,
)
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest

ONE = "/{event:str}/{channel:str}/{locale:str}"
Path = FromPath[str]


class TemplateController(Controller):
    path = "/tenants/{tenant_id:str}/notification-templates"
    tags = ("notifications",)

    @get("/", operation_id="template_list", summary="List the texts of what people are told")
    async def listing(self, request: HttpRequest, tenant_id: Path) -> HttpAnswer:
        return await ask(request, TemplateList, tenant_id=tenant_id)

    @get(ONE, operation_id="template_get", summary="Read a text")
    async def read(
        self, request: HttpRequest, tenant_id: Path, event: Path, channel: Path, locale: Path
    ) -> HttpAnswer:
        return await ask(
            request, TemplateGet, tenant_id=tenant_id, event=event, channel=channel, locale=locale
        )

    @put(ONE, operation_id="template_set", summary="Write a text of one's own")
    async def write(
        self, request: HttpRequest, tenant_id: Path, event: Path, channel: Path, locale: Path
    ) -> HttpAnswer:
        return await tell(
            request, TemplateSet, tenant_id=tenant_id, event=event, channel=channel, locale=locale
        )

    @delete(ONE, operation_id="template_reset", summary="Go back to the installation's text")
    async def reset(
        self, request: HttpRequest, tenant_id: Path, event: Path, channel: Path, locale: Path
    ) -> NoContent:
        return await tell(
            request, TemplateReset, tenant_id=tenant_id, event=event, channel=channel, locale=locale
        )

    @post(
        f"{ONE}/preview",
        operation_id="template_preview",
        summary="See what a text would become",
        status_code=200,
    )
    async def preview(
        self, request: HttpRequest, tenant_id: Path, event: Path, channel: Path, locale: Path
    ) -> HttpAnswer:
        return await tell(
            request,
            TemplatePreview,
            tenant_id=tenant_id,
            event=event,
            channel=channel,
            locale=locale,
        )
