"""What the OpenAPI documents say of the routes that belong to no context."""

from typing import Literal

from pydantic import BaseModel

from contracts.wire.operations import OperationGet, OperationView
from contracts.wire.streams import CARRYING_OUT
from contracts.wire.strict import Instant
from gateway.edge.openapi.rows import Row
from gateway.edge.sign_in import Reach


class Alive(BaseModel):
    status: Literal["ok"]


class ReadyView(BaseModel):
    """`parts` says `ok` of each."""

    status: Literal["ready"]
    parts: dict[str, str]


class PublicKey(BaseModel):
    """A JSON Web Key (RFC 7517); what it says besides depends on its kind."""

    kty: str
    kid: str


class PublicKeys(BaseModel):
    keys: tuple[PublicKey, ...]


class OpenApi(BaseModel):
    """An OpenAPI document."""

    openapi: str


class GroupView(BaseModel):
    """How far behind a consumer group is. `lag`: entries that it has not been given yet, null where
    Redis does not know; `pending`: given, and not done."""

    stream: str
    group: str
    lag: int | None
    pending: int


class StateView(BaseModel):
    """`degraded`: bookings are taken, and a subscriber does not answer. `parts` says `ok`, or what
    is wrong."""

    status: Literal["ready", "degraded", "unready"]
    at: Instant
    parts: dict[str, str]
    streams: tuple[GroupView, ...]
    versions: dict[str, str]


class AsyncApi(BaseModel):
    """An AsyncAPI document."""

    asyncapi: str


HEALTH_ROWS = (
    Row("health", answer=Alive),
    Row("ready", answer=ReadyView, codes=("unavailable",)),
    Row("metrics", media_type="text/plain", says="In Prometheus' text format; of no tenant."),
    Row("state", answer=StateView, says="For people to look at: it is 200 whatever it says."),
    Row("asyncapi", answer=AsyncApi, revalidates=True, says="AsyncAPI 3.0, of every message."),
)
KEY_ROWS = (Row("jwks", answer=PublicKeys),)
OPERATION_ROWS = (
    Row(
        "operation_get",
        OperationGet,
        OperationView,
        way="ask",
        reach=Reach.NAMED,
        contexts=CARRYING_OUT,
        says="For whoever sent the command, and for administrators. `expired`: never executed.",
    ),
)


def document_row(subject: str) -> Row:
    """That of the route to a subject's own document."""
    return Row(f"{subject}_openapi", answer=OpenApi, revalidates=True)
