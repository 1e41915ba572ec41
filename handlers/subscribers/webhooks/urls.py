"""Which URLs an endpoint may have. Where one really leads is known when it is connected to."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from handlers.subscribers.webhooks.addresses import Reach


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an endpoint cannot have this URL."""

    code: str
    message: str


BROKEN = Unfit("invalid_url", "Give an absolute URL, such as https://example.com/hooks.")
NOT_HTTPS = Unfit("invalid_url", "Give a URL that begins with https://.")
CREDENTIALS = Unfit("invalid_url", "A URL with a user name or password is not accepted.")
FRAGMENT = Unfit("invalid_url", "A URL with a fragment is not accepted.")
INTERNAL = Unfit("internal_address", "This address cannot be reached from here.")
# RFC 1035 §2.3.4, without what the length bytes and the root take.
MOST_OF_LABEL, MOST_OF_NAME = 63, 253


def unfit(url: str, reach: Reach) -> Unfit | None:
    """What is wrong with the URL itself; None where it may be tried."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return BROKEN
    if not host or port == 0 or "\\" in url or "%" in parts.netloc or not _is_name(host):
        return BROKEN
    if parts.scheme != "https" and not (parts.scheme == "http" and reach.loopback):
        return NOT_HTTPS
    if "@" in parts.netloc:
        return CREDENTIALS
    if parts.fragment:
        return FRAGMENT
    return INTERNAL if _is_internal(host, reach) else None


def host_of(url: str) -> str:
    """What is told of a URL: the rest of it is often a secret."""
    return urlsplit(url).hostname or ""


def path_of(parts: SplitResult) -> str:
    """Path and query, as a request has them."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _is_name(host: str) -> bool:
    """Whether a resolver can be asked for it at all; addresses are short enough, too. A dot at the
    end is the root."""
    name = host.removesuffix(".")
    labels = name.split(".")
    return len(name) <= MOST_OF_NAME and all(1 <= len(one) <= MOST_OF_LABEL for one in labels)


def _is_internal(host: str, reach: Reach) -> bool:
    """Where the host is an address already; a name is looked at when it is resolved."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return not reach.allows(address)
