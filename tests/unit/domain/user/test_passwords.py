"""What a password must be."""

import pytest

from domain.user.common_passwords import COMMON_PASSWORDS
from domain.user.passwords import MIN_LENGTH, normalise_password, password_violations


def codes(password: str, email: str = "ana@example.com") -> list[str]:
    return [violation.code for violation in password_violations(password, email)]


def test_length_is_twelve_to_a_hundred_and_twenty_eight_characters() -> None:
    """Characters, not bytes, and no rules of composition."""
    assert codes("purple-stair") == []
    assert codes("purple-stai") == ["password_too_short"]
    assert codes("пурпурная ле") == []
    assert codes("ab" * 64) == []
    assert codes("ab" * 64 + "c") == ["password_too_long"]


@pytest.mark.parametrize(
    "password", ["password1234", "Password1234", "1Q2W3E4R5T6Y", "qwertyuiop123", "z" * 20]
)
def test_what_everybody_knows_is_refused(password: str) -> None:
    """A list of leaked ones, in whatever case, and one sign over and over."""
    assert codes(password) == ["password_common"]


def test_the_address_is_no_part_of_the_password() -> None:
    """In whatever case."""
    assert codes("my ANA@example.com 1") == ["password_contains_email"]
    assert codes("my ANA@example.com 1", email="") == []


def test_a_composed_and_a_decomposed_letter_are_one_password() -> None:
    """What is hashed does not depend on the keyboard."""
    assert normalise_password("cafe\u0301") == normalise_password("caf\u00e9")
    # Eleven letters, one of them typed as two code points.
    assert codes("cafe\u0301 purple") == ["password_too_short"]


def test_the_list_holds_only_what_length_would_let_pass() -> None:
    """Shorter ones need no list; entries are lower case, as they are compared."""
    assert all(len(one) >= MIN_LENGTH for one in COMMON_PASSWORDS)
    assert all(one == one.casefold() for one in COMMON_PASSWORDS)
