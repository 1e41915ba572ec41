"""Keys of machines: commands, queries, and what is answered and told about them."""

from ipaddress import ip_network
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contracts.user.roles import Permission
from contracts.wire.strict import Command, Id, Instant, Name, Page, Query, Strict


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        message = "Give an IPv4 or IPv6 network, such as 192.0.2.0/24, or a single address."
        raise PydanticCustomError("invalid_network", message) from None


Network = Annotated[str, StringConstraints(max_length=50), AfterValidator(_network)]
Scopes = Annotated[tuple[Permission, ...], Field(min_length=1, max_length=100)]


class _KeyCommand(Command):
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("apikey:manage",)


class ApiKeyCreate(_KeyCommand):
    """`cidrs` are the networks that the key may be used from; none: from anywhere."""

    type: ClassVar[str] = "apikey.create"

    id: Id | None = None
    name: Name
    scopes: Scopes
    expires_at: Instant | None = None
    cidrs: Annotated[tuple[Network, ...], Field(max_length=20)] = ()


class ApiKeyDelete(_KeyCommand):
    type: ClassVar[str] = "apikey.delete"

    apikey_id: Id


class ApiKeyMarkUsed(Command):
    """Sent by a gateway for a key that was used, once a minute at most."""

    type: ClassVar[str] = "apikey.mark_used"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("*",)

    apikey_id: Id


class ApiKeyVerify(Query):
    """Asked by a gateway before it is known who calls, and in which tenant."""

    type: ClassVar[str] = "apikey.verify"
    before_sign_in: ClassVar[bool] = True
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("key",)

    key: Annotated[str, StringConstraints(max_length=200)]


class ApiKeyList(Page):
    type: ClassVar[str] = "apikey.list"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("apikey:manage",)

    include_deleted: bool = False


class ApiKeyView(Strict):
    """A key without its secret. `prefix` is how it begins; `last_used_at` is true to the minute."""

    id: Id
    name: str
    prefix: str
    scopes: tuple[str, ...]
    cidrs: tuple[str, ...]
    expires_at: Instant | None
    last_used_at: Instant | None
    created_by: str
    created_at: Instant
    deleted_at: Instant | None
    version: int


class NewApiKeyView(ApiKeyView):
    """The answer to its creation, the one place where the key itself stands."""

    key: str


class ApiKeyVerified(Strict):
    """Whose the key is and what it may; `marks_use` asks for an `apikey.mark_used`."""

    tenant_id: Id
    apikey_id: Id
    scopes: tuple[str, ...]
    cidrs: tuple[str, ...]
    expires_at: Instant | None
    marks_use: bool


class ApiKeyEventState(Strict):
    id: Id
    tenant_id: Id
    name: str
    prefix: str
    scopes: tuple[str, ...]
    cidrs: tuple[str, ...]
    expires_at: Instant | None
    created_by: str
    created_at: Instant
    deleted_at: Instant | None
    version: int


COMMANDS: tuple[type[Command], ...] = (ApiKeyCreate, ApiKeyDelete, ApiKeyMarkUsed)
QUERIES: tuple[type[Query], ...] = (ApiKeyVerify, ApiKeyList)
EVENTS: dict[str, type[Strict]] = {
    "apikey.created": ApiKeyEventState,
    "apikey.deleted": ApiKeyEventState,
}
