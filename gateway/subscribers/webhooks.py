"""`/tenants/{tenant_id}/webhooks/`: endpoints, and the log of what was sent to them."""

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath

from contracts.subscriber.webhooks import (
    WebhookCreate,
    WebhookDelete,
    WebhookDeliveries,
    WebhookGet,
    WebhookList,
    WebhookRedeliver,
    WebhookRedeliverRange,
    WebhookRotateSecret,
    WebhookTest,
    WebhookUpdate,
)
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, tell
from gateway.edge.visit import HttpRequest

ONE = "/{webhook_id:str}"
Path = FromPath[str]


class WebhookController(Controller):
    path = "/tenants/{tenant_id:str}/webhooks"
    tags = ("webhooks",)

    @post("/", operation_id="webhook_create", summary="Register a webhook endpoint")
    async def create(self, request: HttpRequest, tenant_id: Path) -> HttpAnswer:
        return await tell(request, WebhookCreate, creates=True, locates=True, tenant_id=tenant_id)

    @get("/", operation_id="webhook_list", summary="List webhook endpoints")
    async def listing(self, request: HttpRequest, tenant_id: Path) -> HttpAnswer:
        return await ask(request, WebhookList, tenant_id=tenant_id)

    @get(ONE, operation_id="webhook_get", summary="Read a webhook endpoint")
    async def read(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> HttpAnswer:
        return await ask(request, WebhookGet, tenant_id=tenant_id, webhook_id=webhook_id)

    @patch(ONE, operation_id="webhook_update", summary="Change a webhook endpoint")
    async def change(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> HttpAnswer:
        return await tell(request, WebhookUpdate, tenant_id=tenant_id, webhook_id=webhook_id)

    @delete(ONE, operation_id="webhook_delete", summary="Delete a webhook endpoint")
    async def remove(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> NoContent:
        return await tell(request, WebhookDelete, tenant_id=tenant_id, webhook_id=webhook_id)

    @post(
        f"{ONE}/rotate-secret",
        operation_id="webhook_rotate_secret",
        summary="Give an endpoint a new secret",
        status_code=200,
    )
    async def rotate(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> HttpAnswer:
        return await tell(request, WebhookRotateSecret, tenant_id=tenant_id, webhook_id=webhook_id)

    @post(
        f"{ONE}/test",
        operation_id="webhook_test",
        summary="Send a test event",
        status_code=200,
    )
    async def test(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> HttpAnswer:
        return await tell(request, WebhookTest, tenant_id=tenant_id, webhook_id=webhook_id)

    @get(
        f"{ONE}/deliveries/",
        operation_id="webhook_deliveries",
        summary="List what was sent to an endpoint, newest first",
    )
    async def log(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> HttpAnswer:
        return await ask(request, WebhookDeliveries, tenant_id=tenant_id, webhook_id=webhook_id)

    @post(
        f"{ONE}/deliveries/redeliver",
        operation_id="webhook_redeliver_range",
        summary="Send again what was to be delivered in a time",
        status_code=200,
    )
    async def again(self, request: HttpRequest, tenant_id: Path, webhook_id: Path) -> HttpAnswer:
        return await tell(
            request, WebhookRedeliverRange, tenant_id=tenant_id, webhook_id=webhook_id
        )

    @post(
        f"{ONE}/deliveries/{{delivery_id:str}}/redeliver",
        operation_id="webhook_redeliver",
        summary="Send one delivery again",
        status_code=200,
    )
    async def once_more(
        self, request: HttpRequest, tenant_id: Path, webhook_id: Path, delivery_id: Path
    ) -> HttpAnswer:
        return await tell(
            request,
            WebhookRedeliver,
            tenant_id=tenant_id,
            webhook_id=webhook_id,
            delivery_id=delivery_id,
        )
