"""What is sent to receivers of webhooks stands in the OpenAPI document, type by type."""

from pathlib import Path

import orjson
import pytest

from contracts.catalogue import EVENTS
from contracts.wire.envelope import Envelope
from contracts.wire.identity import new_id
from gateway.app import SUBJECTS
from gateway.edge.openapi.documents import document
from handlers.subscribers.webhooks.hearing import payload_of
from tests.documented import OPERATIONS, check_payload

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"


def test_every_type_stands_in_the_document_of_webhooks() -> None:
    """Beside the operations by which receivers are registered, and in no other document."""
    found = {one.name: document(one, OPERATIONS).get("webhooks", {}) for one in SUBJECTS}
    assert set(found.pop("tenants")) == {*EVENTS, "webhook.test"}
    assert not any(found.values())


@pytest.mark.parametrize("event_type", EVENTS)
def test_a_payload_is_as_documented(event_type: str) -> None:
    """An event of each type, as the webhook subscriber makes its body; a field that the document
    has not is a fault."""
    state = orjson.loads((GOLDEN / f"{event_type}.json").read_bytes())
    changes = {"status": {"before": None, "after": "held"}}
    event = Envelope(
        id=new_id(),
        type=event_type,
        source=event_type.partition(".")[0],
        subject=f"thing/{new_id()}",
        time="2026-12-01T09:00:00Z",
        tenant_id=new_id(),
        sequence=3,
        data=orjson.dumps({**state, "changes": changes}),
    )
    payload = orjson.loads(payload_of(event))
    check_payload(payload)
    payload["data"]["more"] = 1
    with pytest.raises(AssertionError, match="more"):
        check_payload(payload)
