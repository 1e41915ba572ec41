"""`/tenants/{tenant_id}/audit/`: who did what, when, from where, before and after."""

from typing import Any

import orjson
from litestar import Controller, get
from litestar.params import FromPath

from contracts.subscriber.audit import AuditList
from gateway.edge.answers import HttpAnswer, no_answer
from gateway.edge.asking import ask
from gateway.edge.csv import TEXT_CSV, Cell, CsvAnswer, csv_answer
from gateway.edge.parts import parts_of
from gateway.edge.sign_in import Reach, caller_of
from gateway.edge.stream_client import NoReply
from gateway.edge.visit import HttpRequest, visit_of

# Those of a record that are a column as they are; who it was and what changed are more than that.
PLAIN = (
    *("id", "at", "event_type", "outcome", "subject", "sequence", "operation", "reason", "count"),
    *("until", "channel", "address", "context", "source", "correlation_id", "trace_id"),
)
COLUMNS = (*PLAIN, "actor_kind", "actor_id", "actor_roles", "changes")
PAGE = 200


def table(body: dict[str, Any]) -> HttpAnswer:
    """A line for each record; roles are divided by spaces, changes are JSON."""
    return csv_answer(COLUMNS, (_line(one) for one in body["items"]), "audit.csv")


def _line(record: dict[str, Any]) -> list[Cell]:
    actor, changes = record["actor"], orjson.dumps(record["changes"]).decode()
    roles = " ".join(actor["roles"])
    return [*(record[name] for name in PLAIN), actor["kind"], actor["id"], roles, changes]


class AuditController(Controller):
    path = "/tenants/{tenant_id:str}/audit"
    tags = ("audit",)

    @get("/", operation_id="audit_list", summary="Read the audit trail, newest first")
    async def listing(self, request: HttpRequest, tenant_id: FromPath[str]) -> HttpAnswer:
        names, csv = {"type": "event_type"}, CsvAnswer(table, PAGE)
        answer = await ask(request, AuditList, names=names, csv=csv, tenant_id=tenant_id)
        if answer.media_type is not None and answer.media_type.startswith(TEXT_CSV):
            return await _noted(request, answer, tenant_id)
        return answer


async def _noted(request: HttpRequest, answer: HttpAnswer, tenant_id: str) -> HttpAnswer:
    """The table, once the record of who took it is on its way; 503 where there is none to be."""
    parts, visit = parts_of(request), visit_of(request)
    caller = await caller_of(visit, parts.proofs, AuditList, Reach.TENANT, tenant_id)
    kind, actor = "audit.exported", caller.actor
    more = {"outcome": "succeeded", "subject": f"tenant/{caller.tenant_id}"}
    noticed = parts.trail.noticed(visit, kind, actor, caller.tenant_id, **more)
    return answer if await parts.trail.told(noticed) else no_answer(NoReply.AWAY, visit)
