"""Limits across processes: two gateways let through what one would, to the request."""

import asyncio
import re
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from contracts.wire.reply import Reply
from tests.gateway.raw import exchange, request
from tests.gateway.server import ValkeyServer
from tests.gateway.signer import Signer
from tests.gateway.test_process import answering, started

PATIENT = "tests.gateway.patient_gateway"
QUOTA = 300
USER = re.compile(r'"user";r=(\d+);t=(\d+)')


async def test_two_processes_share_a_limit(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """1,000 requests at once on two gateways, a limit of 300: exactly 300 pass, each is told
    another number that is left, and the others get 429 with nothing left."""
    signer = Signer(tmp_path / "jwks.json")
    told = {"RATE_LIMIT_USER": f"{QUOTA}/3600"}
    with ExitStack() as stack:
        ports = [
            stack.enter_context(
                started(own_valkey.url, signer, PATIENT, INSTANCE_NAME=name, **told)
            ).port
            for name in ("gateway-1", "gateway-2")
        ]
        sent = request("GET", "/resources/", signer.bearer("resource:read"))
        async with answering(own_valkey) as peer:
            peer.script = lambda _: Reply(200, {"items": [], "next_cursor": None})
            asking = (exchange(ports[number % 2], sent, 60) for number in range(1_000))
            answers = await asyncio.gather(*asking)
    assert Counter(answer.status for answer in answers) == {200: QUOTA, 429: 1_000 - QUOTA}
    left: dict[int, list[int]] = {200: [], 429: []}
    for answer in answers:
        (count, seconds), *_ = USER.findall(answer.headers["ratelimit"])
        left[answer.status].append(int(count))
        assert 1 <= int(seconds) <= 3_901
        assert answer.headers.get("retry-after", seconds) == seconds
    assert sorted(left[200]) == list(range(QUOTA))
    assert set(left[429]) == {0}
