"""The reply: `{status, body | problem, replayed}`, and how it travels."""

from dataclasses import dataclass
from typing import Any

import orjson

from contracts.wire.problems import KEPT_STATUSES, Problem
from contracts.wire.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Reply:
    """An outcome. `body` and `problem` are JSON documents; a problem says `trace_id` of its first
    delivery, so that a repetition is the same to the byte."""

    status: int
    body: Any = None
    problem: dict[str, Any] | None = None
    replayed: bool = False

    @property
    def kept(self) -> bool:
        """Whether a repetition gets this outcome again."""
        return self.status in KEPT_STATUSES

    def encode(self) -> bytes:
        document: dict[str, Any] = {"status": self.status}
        if self.problem is not None:
            document["problem"] = self.problem
        else:
            document["body"] = self.body
        document["replayed"] = self.replayed
        return orjson.dumps(document)


def refusal(problem: Problem, trace_id: str) -> Reply:
    """The reply to a refused message."""
    return Reply(status=problem.status, problem=problem.on_the_wire(trace_id))


def decode_reply(data: bytes, keyring: Keyring | None = None) -> Reply:
    """The reply of an entry's `data`; sealed replies are opened with `keyring`."""
    document = orjson.loads(data)
    if "sealed" in document:
        if keyring is None:
            raise ValueError("a sealed reply needs a keyring")
        document = orjson.loads(keyring.open(document["sealed"]))
    return Reply(
        status=document["status"],
        body=document.get("body"),
        problem=document.get("problem"),
        replayed=document.get("replayed", False),
    )


def sealed(reply: bytes, keyring: Keyring) -> bytes:
    """The same reply, closed to whoever merely reads streams or the inbox; its status is not. What
    is wiped (storage.delivery.purging) is known by the first name."""
    status = orjson.loads(reply)["status"]
    return orjson.dumps({"sealed": keyring.seal(reply), "status": status})


def unsealed(reply: bytes, keyring: Keyring) -> bytes:
    """The reply, open to whoever it is for."""
    document = orjson.loads(reply)
    return keyring.open(document["sealed"]) if "sealed" in document else reply


def wiped(status: int) -> bytes:
    """What is left of a reply that is not kept: that there was one."""
    return orjson.dumps({"status": status, "wiped": True})


def is_wiped(reply: str) -> bool:
    """Whether of a stored reply no more than its status is left."""
    return bool(orjson.loads(reply).get("wiped"))
