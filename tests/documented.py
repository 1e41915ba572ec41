"""Whether an answer of an installation is one that the OpenAPI documents have."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator
from litestar import Litestar

from gateway.app import CONTROLLERS, SUBJECTS
from gateway.edge.openapi.documents import Operation, document, operations_of

OPERATIONS = operations_of(Litestar(route_handlers=CONTROLLERS, openapi_config=None).routes)
# What has more members than are described: problems by their codes, documents, keys by their kinds.
OPEN = ("Problem", "OpenApi", "AsyncApi", "PublicKey")
# What says something of the answer, and so is said by the document too.
TELLING = (
    *("etag", "location", "retry-after", "www-authenticate"),
    *("idempotency-replayed", "preference-applied"),
)


def closed(whole: dict[str, Any]) -> dict[str, Any]:
    """The document with no room in answers for what it does not describe. As it is served it leaves
    room for later versions; this version has nothing that is not in it."""
    schemas = whole["components"]["schemas"]
    shut = {name: one if name in OPEN else _closed(one) for name, one in schemas.items()}
    for item in whole["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values() if status[0] == "2" else ():
                    content["schema"] = _closed(content["schema"])
    return {**whole, "components": {**whole["components"], "schemas": shut}}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {name: _closed(one) for name, one in schema.items()}
    return {"additionalProperties": False, **inside} if "properties" in schema else inside


def operation_at(method: str, path: str) -> Operation | None:
    """What is called by a method and a path; parameters may be anything."""
    path = path.rstrip("/")
    fitting = [
        found
        for found in OPERATIONS.values()
        if found.method == method.lower() and _pattern(found.path).fullmatch(path)
    ]
    return min(fitting, key=lambda found: found.path.count("{"), default=None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def check_answer(answer: httpx.Response) -> None:
    """The answer is as documented: its status, its type, its body and what its headers tell."""
    request = answer.request
    operation = operation_at(request.method, request.url.path)
    if operation is None:
        return
    lasting = answer.headers.get("content-type", "").startswith("text/event-stream")
    if not lasting:
        answer.read()
    described = _responses(operation).get(str(answer.status_code))
    said = f"{operation.id} answered {answer.status_code}"
    assert described is not None, f"{said}, which is not documented: {answer.text[:300]}"
    named = {
        name.lower(): _is_required(operation, one) for name, one in described["headers"].items()
    }
    missing = {name for name, required in named.items() if required} - set(answer.headers)
    assert not missing, f"{said} without {missing}"
    untold = {name for name in TELLING if name in answer.headers} - set(named)
    assert not untold, f"{said} with {untold}"
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if lasting:
        # It has no end that could be waited for.
        _validator(operation, str(answer.status_code), media_type)
    elif answer.content:
        validator = _validator(operation, str(answer.status_code), media_type)
        body = answer.json() if media_type.endswith("json") else answer.text
        faults = [fault.message[:300] for fault in validator.iter_errors(body)]
        assert not faults, f"{said}: {faults}"


def check_payload(event: dict[str, Any]) -> None:
    """What a receiver of webhooks was sent is what the document says of its type, and no more."""
    said = _whole("/tenants")["webhooks"][event["type"]]["post"]["requestBody"]["content"]
    schema = _without_changes(_closed(said["application/json"]["schema"]))
    changes = event["data"].get("changes")
    assert event["type"] == "webhook.test" or isinstance(changes, dict), event
    state = {name: one for name, one in event["data"].items() if name != "changes"}
    rooted = {**schema, "components": _whole("/tenants")["components"]}
    faults = Draft202012Validator(rooted).iter_errors({**event, "data": state})
    told = [f"{fault.instance_path}: {fault.message[:300]}" for fault in faults]
    assert not told, f"{event['type']}: {told}"


def _without_changes(schema: dict[str, Any]) -> dict[str, Any]:
    """The state alone, which is a whole by itself; `changes` stand beside it."""
    data = schema["properties"]["data"]
    state = data["allOf"][0] if "allOf" in data else data
    return {**schema, "properties": {**schema["properties"], "data": state}}


@cache
def _whole(path: str) -> dict[str, Any]:
    """The document that a path is in."""
    found = (document(subject, OPERATIONS) for subject in SUBJECTS)
    whole = next(one for one in found if path in one["paths"])
    return closed(json.loads(json.dumps(whole)))


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = _whole(operation.path)["paths"][operation.path][operation.method][
        "responses"
    ]
    return responses


def _is_required(operation: Operation, header: dict[str, str]) -> bool:
    name = header["$ref"].rpartition("/")[2]
    return bool(_whole(operation.path)["components"]["headers"][name].get("required"))


@cache
def _validator(operation: Operation, status: str, media_type: str) -> Draft202012Validator:
    content = _responses(operation)[status]["content"]
    assert media_type in content, f"{operation.id} answered {media_type}"
    components = _whole(operation.path)["components"]
    return Draft202012Validator(
        {"allOf": [content[media_type]["schema"]], "components": components}
    )
