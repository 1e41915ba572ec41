"""`/tenants/{tenant_id}/audit/`: who did what, and when."""

from litestar import Controller, get
from litestar.params import FromPath

from contracts.subscriber.audit import AuditList
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask
from gateway.edge.visit import HttpRequest


class AuditController(Controller):
    path = "/tenants/{tenant_id:str}/audit"
    tags = ("audit",)

    @get("/", operation_id="audit_list", summary="Read the audit trail, newest first")
    async def listing(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        return await ask(request, AuditList, names={"type": "event_type"}, tenant_id=tenant_id)
