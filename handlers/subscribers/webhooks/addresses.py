"""Which addresses webhooks are sent to: a table of our own.

`ipaddress.is_global` follows one registry and one version of Python, and lets addresses pass that
lead inside: those that carry an IPv4 address within (mapped, 6to4, NAT64, Teredo), multicast, and
what clouds answer themselves on. IPv4 is all but what is listed; of IPv6 it is 2000::/3, the only
part that is given out (RFC 4291 §2.4, IANA), without what is listed.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address

_IPV4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # behind a carrier's translation (RFC 6598)
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's own agent
        "169.254.0.0/16",  # link-local (RFC 3927), clouds' metadata among it
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.31.196.0/24",  # AS112 (RFC 7535)
        "192.52.193.0/24",  # automatic multicast tunnelling (RFC 7450)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112 (RFC 7534)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast among it
    )
)
_GIVEN_OUT = IPv6Network("2000::/3")
_IPV6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4 (RFC 3056): an IPv4 address within
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_LOOPBACK = tuple(ip_network(network) for network in ("127.0.0.0/8", "::1/128"))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far webhooks go; `loopback` is for receivers beside a developer's installation."""

    loopback: bool = False

    def allows(self, address: Address) -> bool:
        """Whether a connection to this very address may be made."""
        if self.loopback and any(address in network for network in _LOOPBACK):
            return True
        if isinstance(address, IPv4Address):
            return not any(address in network for network in _IPV4)
        if address.scope_id is not None or address not in _GIVEN_OUT:
            return False
        return not any(address in network for network in _IPV6)
