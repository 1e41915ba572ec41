"""Facts as the inbox keeps them, so that a repetition can write them through once more."""

from uuid import UUID

import orjson

from storage.delivery.known import Fact


def written(facts: tuple[Fact, ...]) -> bytes | None:
    """The facts as JSON, None where there are none."""
    if not facts:
        return None
    return orjson.dumps(
        [
            {
                "tenant_id": str(fact.tenant_id),
                "kind": fact.kind,
                "object_id": str(fact.object_id),
                "version": fact.version,
                "body": None if fact.body is None else fact.body.decode(),
            }
            for fact in facts
        ]
    )


def read(effects: str | None) -> tuple[Fact, ...]:
    """The facts of a stored row."""
    return tuple(
        Fact(
            UUID(fact["tenant_id"]),
            fact["kind"],
            UUID(fact["object_id"]),
            fact["version"],
            None if fact["body"] is None else fact["body"].encode(),
        )
        for fact in (orjson.loads(effects) if effects else ())
    )
