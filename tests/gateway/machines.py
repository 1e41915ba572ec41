"""Keys of machines, and a user context that says of them what a test wants."""

import base64
import os
from typing import Any
from uuid import uuid4

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from tests.gateway.house import House
from tests.gateway.signer import ACME

READ = "resource:read"
PATH = "/resources/"


def new_key() -> str:
    """Something in the shape of a key, a new one each time."""
    return "sk_" + base64.urlsafe_b64encode(os.urandom(64)).rstrip(b"=").decode()


class Registry:
    """What the user context says of keys; the rest is echoed."""

    def __init__(self) -> None:
        self.said: Reply | None = self.known()

    def known(self, **changed: Any) -> Reply:
        body = {
            "tenant_id": str(ACME),
            "apikey_id": str(uuid4()),
            "scopes": [READ],
            "cidrs": [],
            "expires_at": None,
            "marks_use": False,
        }
        return Reply(200, {**body, **changed})

    def unknown(self) -> Reply:
        return refusal(Problem(code="invalid_token"), "")

    def __call__(self, asked: Envelope) -> Reply | None:
        if asked.type == "apikey.verify":
            return self.said
        return Reply(200, {"type": asked.type})


def questions(house: House) -> list[Envelope]:
    return [envelope for envelope in house.peer.asked if envelope.type == "apikey.verify"]


async def called(house: House, key: str, **headers: str) -> tuple[int, str | None]:
    """Status and code of a request by this key."""
    sent = {"x-api-key": key, **{name.replace("_", "-"): text for name, text in headers.items()}}
    answer = await house.client.get(PATH, headers=sent)
    return answer.status_code, answer.json().get("code")
