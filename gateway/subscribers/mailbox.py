"""`/dev/mailbox`: the mails of the last day, where there is no server to send them by.

In development alone: the route does not exist in production. Newest first; a browser gets a page.
"""

from html import escape
from typing import Any

import orjson
from litestar import Controller, Response, get

from contracts.wire.mailbox import MAILBOX, MAILBOX_KEPT_MS, MAILBOX_MOST
from contracts.wire.problems import Problem
from contracts.wire.sealing import Keyring, Unopenable
from gateway.edge.answers import HttpAnswer, json_answer
from gateway.edge.parts import parts_of
from gateway.edge.problems import problem_answer
from gateway.edge.query_string import refuse_parameters
from gateway.edge.scripts import Script
from gateway.edge.visit import HttpRequest, visit_of

_NEWEST = Script("""
local now = redis.call('TIME')
local oldest = now[1] * 1000 - ARGV[1]
return redis.call('XREVRANGE', KEYS[1], '+', string.format('%.0f', oldest), 'COUNT', ARGV[2])
""")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mailbox</title></head>
<body><h1>Mails of the last day</h1>
{mails}
</body></html>
"""
_MAIL = """<article><h2>{subject}</h2>
<p>{date}<br>From: {from}<br>To: {to}</p>
<pre>{text}</pre>
{attachments}
</article><hr>"""


class MailboxController(Controller):
    path = "/dev/mailbox"
    tags = ("development",)

    @get("/", operation_id="dev_mailbox", summary="Look at the mails of the last day")
    async def listing(self, request: HttpRequest) -> HttpAnswer:
        parts, visit = parts_of(request), visit_of(request)
        refuse_parameters(visit.query)
        found = await parts.streams.run(_NEWEST, (MAILBOX,), MAILBOX_KEPT_MS, MAILBOX_MOST)
        if found is None:
            return problem_answer(Problem(code="unavailable"), visit)
        mails = [mail for entry in found for mail in _opened(entry, parts.keyring)]
        if "text/html" in visit.header(b"accept"):
            return Response(page(mails), media_type="text/html")
        return json_answer({"items": mails, "next_cursor": None})


def page(mails: list[dict[str, Any]]) -> str:
    """All of them one below the other, as text: nothing in a mail is run or loaded."""
    return _PAGE.format(mails="\n".join(_shown(mail) for mail in mails) or "<p>None.</p>")


def _shown(mail: dict[str, Any]) -> str:
    told = {name: escape(str(mail[name])) for name in ("subject", "date", "from", "to", "text")}
    attached = "\n".join(
        f"<h3>{escape(str(one['filename']))}</h3><pre>{escape(one['content'])}</pre>"
        for one in mail["attachments"]
    )
    return _MAIL.format_map({**told, "attachments": attached})


def _opened(entry: Any, keyring: Keyring) -> list[dict[str, Any]]:
    """None where it was sealed by the key of another installation."""
    _, (_, sealed) = entry
    try:
        return [orjson.loads(keyring.open(sealed.decode()))]
    except Unopenable:
        return []
