"""Slugs of tenants."""

import pytest

from domain.tenant.slug import is_slug


@pytest.mark.parametrize("slug", ["abc", "barbearia-do-ze", "a1b", "3m-clinic", "x" * 63])
def test_a_slug_is_lowercase_letters_digits_and_hyphens(slug: str) -> None:
    """Three to sixty-three of them."""
    assert is_slug(slug)


@pytest.mark.parametrize(
    "text", ["", "ab", "x" * 64, "Abc", "a_b", "a b", "-ab", "ab-", "café", "abc\n", "a.b"]
)
def test_anything_else_is_no_slug(text: str) -> None:
    """Too short, too long, capitals, other signs, a hyphen at an end, or a line break."""
    assert not is_slug(text)
