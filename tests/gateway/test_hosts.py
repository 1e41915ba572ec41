"""Which hosts are served, however they are spelled."""

import pytest

from gateway.edge.hosts import Hosts

NAMED = Hosts(["API.acme.test", "*.book.test", "127.0.0.1", "[2001:db8::1]"])


@pytest.mark.parametrize(
    "host",
    [
        "api.acme.test",
        "API.Acme.Test",
        "api.acme.test.",
        "api.acme.test:8000",
        "api.acme.test.:8000",
        "api.acme.test:",
        "one.book.test",
        "two.one.book.test:443",
        "127.0.0.1:8000",
        "[2001:db8::1]",
        "[2001:db8::1]:8000",
        "[2001:DB8::1]",
    ],
)
def test_served(host: str) -> None:
    """Port, case and a dot at the end say nothing."""
    assert NAMED.serve(host)
    assert Hosts([]).serve(host)
    assert Hosts(["*"]).serve(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "acme.test",
        "evil.test",
        "api.acme.test.evil.test",
        "evil-api.acme.test",
        "book.test",
        ".book.test.evil.test",
        "evilbook.test",
        "api.acme.test:8000:9000",
        "api.acme.test@evil.test",
        "evil.test@api.acme.test",
        "api.acme.test/",
        "api.acme.test, evil.test",
        "evil.test, api.acme.test",
        "evil.test api.acme.test",
        "2001:db8::1",
        "[2001:db8::2]",
        "[2001:db8::1",
        "[::1]:8000",
        "api.acme.test:80a",
        "\xe1pi.acme.test",
    ],
)
def test_not_served(host: str) -> None:
    """Whatever only looks like a host that is named is none."""
    assert not NAMED.serve(host)
