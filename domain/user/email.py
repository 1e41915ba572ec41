"""E-mail addresses: what they must look like, and the form in which they are compared."""

import re
import unicodedata

MAX_LENGTH = 254
MAX_LOCAL = 64
_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?")
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")


def normalise_email(address: str) -> str:
    """NFC and case folded, the whole of it: two addresses are one account if these are equal."""
    folded = unicodedata.normalize("NFC", address.strip()).casefold()
    # Folding may leave a sequence that composes further.
    return unicodedata.normalize("NFC", folded)


def is_email(address: str) -> bool:
    """`local@domain` in the form that mailboxes take today, letters of any script included.

    Quoted local parts, comments and address literals (RFC 5322) are refused: they are legal, not
    used, and a way to smuggle. Whether somebody reads the mailbox only a message can tell.
    """
    address = address.strip()
    local, at, domain = address.rpartition("@")
    if not at or len(address) > MAX_LENGTH or len(local) > MAX_LOCAL:
        return False
    labels = domain.split(".")
    return _LOCAL.fullmatch(local) is not None and all(_LABEL.fullmatch(one) for one in labels)
