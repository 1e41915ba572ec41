"""From where a request comes: it travels with its message, sealed, and nobody makes it up."""

from pathlib import Path

from contracts.wire.envelope import Envelope
from contracts.wire.sealing import Keyring
from tests.gateway.house import SECRET, House, opened
from tests.gateway.machines import Registry, called, new_key, questions
from tests.gateway.server import ValkeyServer

PEER = "127.0.0.1"
CLIENT = "203.0.113.7"
READ = "resource:read"


def told(envelope: Envelope) -> tuple[str, str]:
    """The way, and the address once it is opened."""
    return envelope.channel, Keyring(SECRET).open(envelope.address).decode()


async def test_a_message_says_from_where_it_came(house: House) -> None:
    """Commands and queries say `http` and the client's address; on the stream it is sealed."""
    await house.call("GET", "/resources/", READ)
    await house.call("POST", "/auth/logout", json={"refresh_token": "none"})
    for envelope in house.peer.asked:
        assert told(envelope) == ("http", PEER)
        assert PEER not in envelope.address
    assert len(house.peer.asked) == 2


async def test_a_key_is_asked_about_from_where_it_is_used(house: House, registry: Registry) -> None:
    """The question whose a key is says from where it was used."""
    await called(house, new_key())
    (asked,) = questions(house)
    assert told(asked) == ("http", PEER)


async def test_a_trusted_proxy_says_whose_it_is(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """Behind a proxy of ours the client's address travels; what a client makes up does not."""
    forwarded = {"x-forwarded-for": f"192.0.2.1, {CLIENT}"}
    for proxies, expected in ((PEER, CLIENT), ("", PEER)):
        async with opened(own_valkey.url, tmp_path, trusted_proxies=proxies) as house:
            await house.call("GET", "/resources/", READ, headers=forwarded)
            assert told(house.peer.last) == ("http", expected)
