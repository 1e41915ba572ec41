"""What an e-mail address must look like."""

import re

MAX_LENGTH = 254
MAX_LOCAL = 64
_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?")
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")


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
