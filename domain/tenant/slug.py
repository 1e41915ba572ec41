"""The slug that names a tenant in addresses and at sign-in."""

import re

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def is_slug(text: str) -> bool:
    """Lowercase letters, digits and hyphens, 3 to 63 of them, no hyphen at either end.

    That is what a DNS label may be, so that a tenant can have a host name of its own.
    """
    return _SLUG.fullmatch(text) is not None
