"""From a request to a message: body, path and headers become one contract, then one envelope."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.wire.envelope import HTTP, Envelope, dataschema_of
from contracts.wire.problems import FieldError, Problem, problem_of
from contracts.wire.sealing import seal_fields, sealed_paths
from contracts.wire.strict import Command, Message, rfc3339
from contracts.wire.tracing import next_traceparent
from gateway.edge.client_address import sealed_address
from gateway.edge.parts import Parts
from gateway.edge.problems import Refused, refused_field
from gateway.edge.query_string import parameters
from gateway.edge.sign_in import Caller, uuid_in_path
from gateway.edge.visit import Visit

M = TypeVar("M", bound=Message)


def read_query(query: type[M], raw: bytes, ids: Mapping[str, str], names: Mapping[str, str]) -> M:
    """The query that path and parameters ask; `names` maps parameters to contract fields."""
    kind: Any = query
    # The audit trail asks about a tenant by the envelope alone.
    named = {name: identity for name, identity in ids.items() if name in query.model_fields}
    document = {**parameters(kind, raw, ids, names), **named}
    shown = {field: parameter for parameter, field in names.items()}
    return _validated(query, document, "", shown)


def read_path(message: type[Message], ids: Mapping[str, str]) -> None:
    """Raises Refused where a path names nothing: by an id that is none, or a word that the contract
    does not have."""
    for name, text in ids.items():
        field = message.model_fields.get(name)
        if field is None or field.annotation is UUID:
            uuid_in_path(text)
            continue
        try:
            _adapter(message, name).validate_json(orjson.dumps(text))
        except ValidationError:
            raise Refused(Problem(code="not_found")) from None


@cache
def _adapter(message: type[Message], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(message.model_fields[name].rebuild_annotation())


def read_command(
    command: type[M],
    body: dict[str, Any],
    ids: Mapping[str, str],
    within: str = "",
    version: int | None = None,
) -> M:
    """The command that path, If-Match and body make; with `within`, the body is that field."""
    if within:
        document: dict[str, Any] = {within: body}
        if "id" in command.model_fields and "id" in body:
            rest = {name: value for name, value in body.items() if name != "id"}
            document = {within: rest, "id": body["id"]}
    else:
        for name in (*ids, "expected_version"):
            if name in body:
                raise refused_field("unknown_field", name, "The body cannot say this.")
        document = dict(body)
    document.update(ids)
    if version is not None:
        document["expected_version"] = version
    said = _validated(command, document, within, {})
    for name, place in _nested_versions(said):
        field = f"{name}.{place}.expected_version"
        raise refused_field("unknown_field", field, "The body cannot say this.")
    return said


def _nested_versions(said: Message) -> Iterator[tuple[str, int]]:
    """Which commands of a batch say the version that they expect; they have no If-Match."""
    for name, value in said:
        for place, inner in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(inner, Command) and "expected_version" in inner.model_fields_set:
                yield name, place


def _validated(
    message: type[M], document: dict[str, Any], within: str, names: Mapping[str, str]
) -> M:
    try:
        return message.model_validate_json(orjson.dumps(document))
    except ValidationError as failure:
        raise Refused(_as_sent(problem_of(failure), within, names)) from None


def _as_sent(problem: Problem, within: str, names: Mapping[str, str]) -> Problem:
    """The problem with fields named as the client named them."""
    if not within and not names:
        return problem
    errors = tuple(
        error.model_copy(update={"field": _field_as_sent(error.field, within, names)})
        for error in problem.errors
    )
    detail = problem.detail
    for before, after in zip(problem.errors, errors, strict=True):
        detail = detail.replace(f"{before.field}: ", f"{after.field or 'body'}: ", 1)
    return problem.model_copy(update={"errors": errors, "detail": detail})


def _field_as_sent(field: str, within: str, names: Mapping[str, str]) -> str:
    if within and field == within:
        return ""
    return names.get(field, field.removeprefix(f"{within}."))


def message_data(message: Message, parts: Parts) -> bytes:
    """The body as it travels: what was sent and no defaults, secrets sealed."""
    data = message.model_dump_json(exclude_unset=True, by_alias=True).encode()
    if not message.secret_fields:
        return data
    for path in sealed_paths(data, message.secret_fields):
        error = FieldError(field=path, code="invalid_value", message="This is not accepted.")
        raise Refused(Problem(code="validation_failed", errors=(error,)))
    return seal_fields(data, message.secret_fields, parts.keyring)


def envelope(
    message: Message,
    identity: UUID,
    caller: Caller,
    visit: Visit,
    parts: Parts,
    ttl_ms: int,
    fingerprint: str = "",
) -> Envelope:
    """The envelope; its traceparent has a span of its own, by which its reply is found."""
    return Envelope(
        id=identity,
        type=message.type,
        source=f"gateway/{parts.instance}",
        data=message_data(message, parts),
        subject=subject_of(message),
        time=rfc3339(datetime.fromtimestamp(time.time(), UTC)),
        tenant_id=caller.tenant_id,
        actor=caller.actor,
        correlation_id=visit.request_id,
        traceparent=next_traceparent(visit.traceparent),
        dataschema=dataschema_of(message.type),
        ttl_ms=ttl_ms,
        reply_to=parts.instance,
        fingerprint=fingerprint,
        channel=HTTP,
        address=sealed_address(visit.address, parts.keyring),
    )


def subject_of(message: Message) -> str:
    """`booking/{id}`, where the message is about one object that has an id already."""
    kind = message.type.partition(".")[0]
    identity = getattr(message, f"{kind}_id", None) or getattr(message, "id", None)
    return f"{kind}/{identity}" if identity else ""
