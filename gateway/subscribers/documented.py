"""What the OpenAPI document says of the routes to what subscribers keep."""

from contracts.subscriber.audit import AuditList, AuditRecord
from gateway.edge.openapi.rows import Items, Row

ROWS = (Row("audit_list", AuditList, Items(AuditRecord), way="ask", names={"type": "event_type"}),)
