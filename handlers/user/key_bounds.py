"""A key makes no key that outlives it, or that is good where it is not."""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from handlers.delivery.work import Refused, refused_fields
from storage.user.api_keys import ApiKeyRow

_CODE = "beyond_own_key"


def bounds_refusal(
    own: ApiKeyRow, cidrs: Sequence[str], expires_at: datetime | None
) -> Refused | None:
    """Why the key that asks may not make one for these networks and until then, if so."""
    errors = []
    if own.expires_at is not None and (expires_at is None or expires_at > own.expires_at):
        errors.append(("expires_at", _CODE, "The key would outlive the one that makes it."))
    if own.cidrs and not _within(cidrs, own.cidrs):
        errors.append(("cidrs", _CODE, "The key that makes it is not good in these networks."))
    return refused_fields("forbidden", errors) if errors else None


def _within(inner: Sequence[str], outer: Sequence[str]) -> bool:
    """Whether each of the inner networks lies in one of the outer; none is everywhere."""
    around = [ip_network(one) for one in outer]
    return bool(inner) and all(
        any(_lies_in(ip_network(one), other) for other in around) for one in inner
    )


def _lies_in(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.subnet_of(other)
    return isinstance(other, IPv6Network) and one.subnet_of(other)
