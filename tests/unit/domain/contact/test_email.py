"""E-mail addresses."""

import pytest

from domain.contact.email import is_email


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.com",
        "Ana.Souza+agenda@mail.example.com.br",
        "joão@exämple.org",
        "admin@localhost",
        "x" * 64 + "@example.com",
        "o'neil@example.ie",
    ],
)
def test_addresses_that_are_in_use(address: str) -> None:
    """Letters of any script, tags, subdomains, and hosts of an inner network."""
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ana@@example.com",
        "ana@example..com",
        "ana@-example.com",
        ".ana@example.com",
        "ana.@example.com",
        "a b@example.com",
        "ana@exam ple.com",
        "ana@example.com\nBcc: all@example.com",
        '"ana"@example.com',
        "ana@[127.0.0.1]",
        "x" * 65 + "@example.com",
        "ana@" + "x" * 64 + ".com",
        "ana@" + ".".join(["example"] * 40),
    ],
)
def test_what_is_no_address(address: str) -> None:
    """Missing parts, empty labels, spaces, line breaks, quotes, literals, excessive length."""
    assert not is_email(address)


def test_a_hostile_address_is_judged_at_once() -> None:
    """No pattern here backtracks: a long local part of dots and letters costs nothing."""
    assert not is_email("a." * 31 + "!@" * 60)
