"""Names as they are compared and searched: without regard to case, in any script."""

import unicodedata


def name_key(name: str) -> str:
    """Two names are the same if these are equal; a search looks for a part of it."""
    return unicodedata.normalize("NFC", name.casefold())
