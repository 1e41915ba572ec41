"""E-mail addresses: the form in which they are compared."""

import unicodedata


def normalise_email(address: str) -> str:
    """NFC and case folded, the whole of it: two addresses are one account if these are equal."""
    folded = unicodedata.normalize("NFC", address.strip()).casefold()
    # Folding may leave a sequence that composes further.
    return unicodedata.normalize("NFC", folded)
