"""What an installation in development has sent: `/dev/mailbox`."""

from typing import Any

import httpx

from tests.e2e.house import http_client, so_far
from tests.installation import Installation
from tests.waiting import wait_until


def mails_to(installation: Installation, email: str) -> list[dict[str, Any]]:
    """Every mail to this address, oldest first."""
    answer = asked(installation)
    assert answer.status_code == 200, answer.text
    return to(email, answer.json())


def asked(installation: Installation) -> httpx.Response:
    return http_client(installation.base_url).get("/dev/mailbox")


def to(email: str, mailbox: Any) -> list[dict[str, Any]]:
    return [mail for mail in mailbox["items"] if mail["recipient"] == email][::-1]


def next_mail(installation: Installation, email: str, place: int) -> dict[str, Any]:
    """The mail at this place among those to the address, once it is there."""

    def there() -> dict[str, Any] | None:
        found = to(email, so_far(asked(installation)) or {"items": ()})
        return found[place] if len(found) > place else None

    mail = wait_until(there, 20)
    assert mail is not None
    return mail
