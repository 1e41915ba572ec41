"""Guessing passwords over HTTP, with limits on: accounts that exist and others answer alike."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.house import PASSWORD, House, Person, close_clients, new_house, sign_in
from tests.installation import Installation

HOME = "203.0.113.1"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Installation]:
    """An installation with limits on, behind a proxy, so that a test can come from anywhere."""
    told = {
        "TRUSTED_PROXIES": "127.0.0.1",
        "RATE_LIMIT_SIGN_IN": "3/900",
        "RATE_LIMIT_SIGN_IN_ACCOUNT": "8/3600",
    }
    with Installation(told) as found:
        redis_url = found.endpoints["redis"]
        yield found
        close_clients(found.base_url, redis_url)


@pytest.fixture(scope="module")
def salon(guarded: Installation) -> House:
    """A tenant there."""
    platform = sign_in(guarded.base_url, None, guarded.admin_email, guarded.admin_password)
    return new_house(guarded, platform)


def guess(salon: House, email: str, password: str, address: str) -> tuple[int, dict[str, Any]]:
    body = {"tenant": salon.slug, "email": email, "password": password}
    answer = Person(salon.base_url).post("/auth/token", body, X_Forwarded_For=address)
    told = answer.json()
    del told["trace_id" if answer.status_code >= 400 else "access_token"]
    return answer.status_code, told


def test_known_and_unknown_accounts_are_held_up_alike(salon: House) -> None:
    """The same guesses get the same answers, whether there is such an account or not."""
    known = f"owner@{salon.slug}.example"
    unknown = f"nobody@{salon.slug}.example"
    told = {
        email: [guess(salon, email, "wrong password", "198.51.100.7") for _ in range(5)]
        for email in (known, unknown)
    }
    assert [status for status, _ in told[known]] == [401] * 3 + [429] * 2
    for (status, one), (other_status, other) in zip(told[known], told[unknown], strict=True):
        one.pop("retry_after", None)
        other.pop("retry_after", None)
        one["detail"] = other["detail"] = ""
        assert (status, one) == (other_status, other)


def test_a_stranger_cannot_keep_the_owner_out(salon: House) -> None:
    """While the account is guessed at from ever new addresses, its owner signs in from home."""
    email = f"owner@{salon.slug}.example"
    assert guess(salon, email, PASSWORD, HOME)[0] == 200
    statuses = [guess(salon, email, "wrong password", f"192.0.2.{n}")[0] for n in range(1, 12)]
    assert set(statuses[-2:]) == {429}
    assert guess(salon, email, PASSWORD, "192.0.2.200")[0] == 429
    assert guess(salon, email, PASSWORD, HOME)[0] == 200
