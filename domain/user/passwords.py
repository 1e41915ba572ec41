"""What a password must be: long, not well known, and not the address it belongs to.

No rules of composition (NIST SP 800-63B): length and the list do more.
"""

import unicodedata

from domain.time.violation import Violation
from domain.user.common_passwords import COMMON_PASSWORDS
from domain.user.email import normalise_email

MIN_LENGTH, MAX_LENGTH = 12, 128


def normalise_password(password: str) -> str:
    """NFC: the form to hash and to compare, whichever keyboard composed the letters."""
    return unicodedata.normalize("NFC", password)


def password_violations(
    password: str, email: str = "", field: str = "password"
) -> tuple[Violation, ...]:
    """Everything that is wrong with the password; lengths are in characters after NFC."""
    password = normalise_password(password)
    found = []
    if len(password) < MIN_LENGTH:
        message = f"Use at least {MIN_LENGTH} characters."
        found.append(Violation(field, "password_too_short", message))
    if len(password) > MAX_LENGTH:
        message = f"Use at most {MAX_LENGTH} characters."
        found.append(Violation(field, "password_too_long", message))
    if _is_common(password):
        found.append(Violation(field, "password_common", "This password is widely known."))
    if email and normalise_email(email) in normalise_email(password):
        message = "Leave the e-mail address out of the password."
        found.append(Violation(field, "password_contains_email", message))
    return tuple(found)


def _is_common(password: str) -> bool:
    lowered = password.casefold().strip()
    return lowered in COMMON_PASSWORDS or len(set(lowered)) == 1
