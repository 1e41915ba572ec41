"""/dev/mailbox: there in development, and in no other environment."""

from pathlib import Path

import orjson

from contracts.wire.mailbox import MAILBOX
from contracts.wire.sealing import Keyring
from handlers.delivery.redis_clients import writing_client
from tests.gateway.house import SECRET, House, opened
from tests.gateway.server import ValkeyServer

MAIL = {
    "recipient": "ana@x.example",
    "message_id": "<1@x.example>",
    "from": "Salon <no-reply@x.example>",
    "to": "Ana <ana@x.example>",
    "subject": "<script>1</script>",
    "date": "Tue, 24 Nov 2026 09:00:00 +0000",
    "language": "en",
    "text": "code & more",
    "html": "<p>code</p>",
    "attachments": [
        {"filename": "invite.ics", "content_type": "text/calendar", "content": "BEGIN:<X>"}
    ],
}


async def put(server: ValkeyServer, keyring: Keyring, entry_id: str = "*") -> None:
    client = writing_client(server.url)
    sealed = keyring.seal(orjson.dumps(MAIL))
    await client.execute_command("XADD", MAILBOX, entry_id, "mail", sealed)
    await client.aclose()


async def test_the_mails_of_the_last_day(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Older ones, and those of another installation's key, are not shown; nobody signs in."""
    async with opened(own_valkey.url, tmp_path) as house:
        empty = await house.client.get("/dev/mailbox")
        assert empty.json() == {"items": [], "next_cursor": None}
        await put(own_valkey, Keyring(SECRET), "1-0")
        await put(own_valkey, Keyring(SECRET))
        await put(own_valkey, Keyring("of another installation altogether"))
        answer = await house.client.get("/dev/mailbox")
        assert (answer.status_code, answer.json()["items"]) == (200, [MAIL])


async def test_a_browser_gets_a_page(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """In which nothing of a mail is anything but text."""
    async with opened(own_valkey.url, tmp_path) as house:
        await put(own_valkey, Keyring(SECRET))
        headers = {"accept": "text/html,application/xhtml+xml"}
        answer = await house.client.get("/dev/mailbox", headers=headers)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "&lt;script&gt;1&lt;/script&gt;" in answer.text
        assert "code &amp; more" in answer.text
        assert "BEGIN:&lt;X&gt;" in answer.text
        assert "<script>" not in answer.text


async def test_there_is_none_in_production(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """404, as for a path that never was."""
    async with opened(own_valkey.url, tmp_path, environment="production") as house:
        await put(own_valkey, Keyring(SECRET))
        answer = await house.client.get("/dev/mailbox")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_it_takes_no_parameters(house: House) -> None:
    """As of every route, an unknown one is refused."""
    answer = await house.client.get("/dev/mailbox?to=ana")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
