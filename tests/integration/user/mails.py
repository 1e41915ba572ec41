"""What the user context has sent by mail."""

from typing import Any
from uuid import UUID

import orjson

from contracts.subscriber.mail import MailSend
from contracts.wire.sealing import open_fields
from tests.integration.desk import Desk


async def mails_to(desk: Desk, email: str, tenant_id: UUID | None = None) -> list[dict[str, Any]]:
    """Every mail to an address of this tenant, oldest first; on the stream its secrets are
    sealed."""
    rows = await desk.rows(
        "SELECT fields FROM outbox WHERE type = 'mail.send'"
        " AND fields ->> 'tenantid' IS NOT DISTINCT FROM :tenant ORDER BY id",
        tenant=None if tenant_id is None else str(tenant_id),
    )
    assert email not in str(rows)
    found = [
        orjson.loads(open_fields(row[0]["data"].encode(), MailSend.secret_fields, desk.keyring))
        for row in rows
    ]
    return [one for one in found if one["to"] == email]
