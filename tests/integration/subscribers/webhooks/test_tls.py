"""Deliveries over TLS: the host's name is verified, although an address is connected to."""

import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.guard import Resolver
from handlers.subscribers.webhooks.posting import Poster
from tests.integration.subscribers.webhooks.authority import DAY, Authority, self_signed
from tests.integration.subscribers.webhooks.conftest import LOOPBACK, Clockwork, Shop
from tests.integration.subscribers.webhooks.receiver import Receiver

HOST = "hooks.example"


async def here(_host: str, _port: int) -> Sequence[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new("An authority of this test")


@pytest_asyncio.fixture
async def secure(authority: Authority, tmp_path: Path) -> AsyncIterator["Secure"]:
    found = Secure(authority, tmp_path)
    yield found
    if found.receiver is not None:
        await found.receiver.stop()


class Secure:
    """A receiver over TLS, and the names that it was asked for by SNI."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self.authority = authority
        self.folder = folder
        self.names: list[str | None] = []
        self.receiver: Receiver | None = None

    async def start(self, shown: ssl.SSLContext) -> Receiver:
        def note_name(_: object, name: str | None, __: object) -> None:
            self.names.append(name)

        shown.sni_callback = note_name
        self.receiver = Receiver()
        await self.receiver.start(shown)
        return self.receiver

    def poster(self, trusted: ssl.SSLContext | None = None) -> Poster:
        return Poster(LOOPBACK, here, 5.0, trusted or self.authority.trust())


async def test_it_arrives_over_tls(
    shop: Shop, new_sender: Callable[..., Clockwork], secure: Secure
) -> None:
    """The name of the URL is what is asked for by SNI, what the certificate is held against and
    what Host says; the connection went to the address that was looked at."""
    receiver = await secure.start(secure.authority.server(secure.folder, HOST))
    hook = await shop.hook(f"https://{HOST}:{receiver.port}/hooks")
    event = await shop.hears()
    await new_sender(secure.poster()).send()
    (got,) = receiver.received
    assert secure.names == [HOST]
    assert got.headers["host"] == f"{HOST}:{receiver.port}"
    assert got.headers["webhook-id"] == str(event.id)
    (sent,) = await shop.log(hook)
    assert sent["state"] == "delivered"


BAD: dict[str, Callable[[Secure], ssl.SSLContext]] = {
    "expired": lambda it: it.authority.server(it.folder, HOST, until=-DAY),
    "for another host": lambda it: it.authority.server(it.folder, "other.example"),
    "self-signed": lambda it: self_signed(it.folder, HOST),
    "of an authority that nobody knows": lambda it: Authority.new("Another").server(
        it.folder, HOST
    ),
    "for the address": lambda it: it.authority.server(it.folder, "127.0.0.1"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_certificate_that_is_not_believed(
    shop: Shop, new_sender: Callable[..., Clockwork], secure: Secure, name: str
) -> None:
    """Nothing is sent, the log says why, and it is tried again like any failure."""
    receiver = await secure.start(BAD[name](secure))
    hook = await shop.hook(f"https://{HOST}:{receiver.port}/hooks")
    await shop.hears()
    await new_sender(secure.poster()).send()
    assert receiver.received == []
    (sent,) = await shop.log(hook)
    (attempt,) = sent["attempts"]
    assert (sent["state"], attempt["status"], attempt["error"]) == ("pending", None, "tls_failed")


async def test_production_believes_known_authorities_alone(secure: Secure) -> None:
    """Without anything said, a test's own authority is as good as none."""
    receiver = await secure.start(secure.authority.server(secure.folder, HOST))
    sent = await Poster(LOOPBACK, here, 5.0).post(f"https://{HOST}:{receiver.port}/", {}, b"{}")
    assert (sent.status, sent.error) == (None, "tls_failed")
    assert receiver.received == []


async def test_a_good_certificate_opens_no_door_inside(secure: Secure) -> None:
    """The guard looks at the address before anybody is greeted: with loopback closed, as in
    production, the receiver is not even connected to."""
    receiver = await secure.start(secure.authority.server(secure.folder, HOST))
    url = f"https://{HOST}:{receiver.port}/"
    sent = await Poster(Reach(), here, 5.0, secure.authority.trust()).post(url, {}, b"{}")
    assert (sent.status, sent.error) == (None, "forbidden_address")
    assert secure.names == []


async def test_the_name_is_verified_however_it_is_written(secure: Secure) -> None:
    """An address in the URL needs a certificate for that address."""
    receiver = await secure.start(secure.authority.server(secure.folder, HOST))
    resolver = Resolver(1)
    poster = Poster(LOOPBACK, resolver, 5.0, secure.authority.trust())
    sent = await poster.post(f"https://127.0.0.1:{receiver.port}/", {}, b"{}")
    resolver.close()
    assert (sent.status, sent.error) == (None, "tls_failed")
    assert receiver.received == []
