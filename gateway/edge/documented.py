"""What the OpenAPI documents say of the routes that belong to no context."""

from typing import Literal

from pydantic import BaseModel

from contracts.wire.operations import OperationGet, OperationView
from contracts.wire.streams import CARRYING_OUT
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


HEALTH_ROWS = (
    Row("health", answer=Alive),
    Row("ready", answer=ReadyView, codes=("unavailable",)),
    Row("metrics", media_type="text/plain", says="In Prometheus' text format; of no tenant."),
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
