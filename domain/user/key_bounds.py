"""A machine's key makes no key that outlives it, or that is good where it is not."""

from collections.abc import Collection
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from domain.time.violation import Violation

_CODE = "beyond_own_key"


def outlives(own_end: datetime | None, end: datetime | None) -> bool:
    """Whether a key that ends then is good for longer than one's own; None is for ever."""
    return own_end is not None and (end is None or end > own_end)


def reaches_beyond(own: Collection[str], wanted: Collection[str]) -> bool:
    """Whether a key of these networks is good where one's own is not; none is everywhere."""
    around = [ip_network(one) for one in own]
    within = bool(wanted) and all(
        any(_lies_in(ip_network(one), other) for other in around) for one in wanted
    )
    return bool(own) and not within


def beyond_own(
    own_networks: Collection[str],
    own_end: datetime | None,
    networks: Collection[str],
    end: datetime | None,
) -> tuple[Violation, ...]:
    """What a key may not give another one that it makes."""
    found = []
    if outlives(own_end, end):
        message = "The key would outlive the one that makes it."
        found.append(Violation("expires_at", _CODE, message))
    if reaches_beyond(own_networks, networks):
        message = "The key that makes it is not good in these networks."
        found.append(Violation("cidrs", _CODE, message))
    return tuple(found)


def _lies_in(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.subnet_of(other)
    return isinstance(other, IPv6Network) and one.subnet_of(other)
