"""E-mail addresses as accounts have them."""

from hypothesis import given
from hypothesis import strategies as st

from domain.user.email import normalise_email


def test_two_spellings_are_one_account() -> None:
    """Case of the whole address and the way an accent was typed do not matter."""
    assert normalise_email(" Ana@Example.COM ") == "ana@example.com"
    assert normalise_email("joa\u0303o@example.com") == normalise_email("JO\u00c3O@example.com")
    assert normalise_email("STRASSE@example.de") == normalise_email("straße@example.de")


@given(st.text(max_size=30))
def test_the_normal_form_is_normal(address: str) -> None:
    """Normalising again changes nothing."""
    once = normalise_email(address)
    assert normalise_email(once) == once
