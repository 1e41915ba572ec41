"""Whose address a request comes from, behind proxies that are ours and others that are not."""

import pytest

from gateway.edge.client_address import ClientAddresses, neighbourhood, networks

NONE = ClientAddresses(())
OURS = ClientAddresses(networks(["10.0.0.0/8", "::1", "2001:db8:1::/48"]))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1 , 10.0.0.2,10.0.0.3", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.1, nobody", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("::1", "[2001:db8:2::1]:4711", "2001:db8:2::1"),
        ("::1", "2001:db8:2::1, 2001:db8:1::5", "2001:db8:2::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1"),
        ("", "198.51.100.1", "unknown"),
        ("10.0.0.1", "\x00\xff", "10.0.0.1"),
    ],
)
def test_the_right_most_that_is_not_ours(peer: str, forwarded: str, found: str) -> None:
    """What a proxy of ours wrote is believed, what a client made up is not."""
    assert OURS.of(peer, forwarded) == found


def test_nobody_is_believed_unless_told() -> None:
    """Without TRUSTED_PROXIES the peer is the client, whatever it says."""
    assert NONE.of("10.0.0.1", "198.51.100.1") == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:2:3:4:5:6:7", "2001:db8:2:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_who_counts_as_one(address: str, counted: str) -> None:
    """An IPv6 client is given a whole network, and is counted by it."""
    assert neighbourhood(address) == counted


def test_a_proxy_is_an_address_or_a_network() -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="proxy"):
        networks(["proxy.internal"])
