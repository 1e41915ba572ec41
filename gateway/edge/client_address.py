"""Whose address a request comes from, seen past the proxies that are ours."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from contracts.wire.sealing import Keyring

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# What one customer of a provider is given: whoever counts single IPv6 addresses counts nothing.
IPV6_PREFIX = 64
UNKNOWN = "unknown"


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks as written; raises ValueError for what is neither."""
    return tuple(ipaddress.ip_network(name, strict=False) for name in names)


class ClientAddresses:
    """Believes X-Forwarded-For as far as trusted proxies wrote it, and no further."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)

    def of(self, peer: str, forwarded: str) -> str:
        """The peer; where that is a trusted proxy, the right-most address of X-Forwarded-For that
        is no trusted proxy. What cannot be read ends the search at the proxy that passed it on."""
        found = _address(peer)
        if found is None:
            return UNKNOWN
        if not self._trusted:
            return str(found)
        for text in reversed(forwarded.split(",")):
            if not self._is_trusted(found):
                break
            earlier = _address(text)
            if earlier is None:
                break
            found = earlier
        return str(found)

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _address(text: str) -> Address | None:
    """An address with or without a port; an IPv4 address in IPv6's clothes is an IPv4 address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def sealed_address(address: str, keyring: Keyring) -> str:
    """The client's address as it may stand on a stream; "" where it is not known."""
    return "" if address == UNKNOWN else keyring.seal(address.encode())


def neighbourhood(address: str) -> str:
    """What is counted as one client: the address, or the network of an IPv6 address."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return address
