"""What makes a repetition harmless: the id that equal commands share, and their fingerprint."""

import re
from uuid import UUID

from contracts.wire.identity import (
    NIL,
    command_id_for_key,
    command_id_for_object,
    fingerprint,
    new_id,
)
from gateway.edge.problems import refused
from gateway.edge.sign_in import STRANGER, Caller
from gateway.edge.visit import Visit

_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")


def idempotency_key(visit: Visit, caller: Caller) -> str:
    """The key, "" where there is none; a caller who has not signed in cannot have one."""
    if caller is STRANGER or b"idempotency-key" not in visit.headers:
        return ""
    key = visit.headers[b"idempotency-key"].decode("latin-1")
    if not _KEY.match(key):
        raise refused("invalid_idempotency_key", "It takes 1 to 255 visible ASCII characters.")
    return key


def command_id(visit: Visit, caller: Caller, route: str, object_id: UUID | None) -> UUID:
    """By the key, else by the id that the caller gave the object, else a new one."""
    tenant_id = caller.tenant_id or NIL
    key = idempotency_key(visit, caller)
    if key:
        return command_id_for_key(tenant_id, caller.actor.label, visit.method, route, key)
    if object_id is not None:
        principal = caller.actor.label
        return command_id_for_object(tenant_id, principal, visit.method, route, object_id)
    return new_id()


def request_fingerprint(secret: bytes, visit: Visit, path: str, body: bytes) -> str:
    """Over the request as received; the order of parameters and a slash at the end say nothing."""
    query = b"&".join(sorted(visit.query.split(b"&")))
    if_match = visit.headers.get(b"if-match", b"")
    return fingerprint(secret, visit.method.encode(), path.encode(), query, if_match, body)
