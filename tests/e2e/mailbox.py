"""What an installation in development has sent: `/dev/mailbox`."""

from typing import Any

import httpx

from tests.installation import Installation
from tests.waiting import wait_until


def mails_to(installation: Installation, email: str) -> list[dict[str, Any]]:
    """Every mail to this address, oldest first."""
    answer = httpx.get(f"{installation.base_url}/dev/mailbox")
    assert answer.status_code == 200, answer.text
    return [mail for mail in answer.json()["items"] if mail["recipient"] == email][::-1]


def next_mail(installation: Installation, email: str, place: int) -> dict[str, Any]:
    """The mail at this place among those to the address, once it is there."""

    def there() -> dict[str, Any] | None:
        found = mails_to(installation, email)
        return found[place] if len(found) > place else None

    mail = wait_until(there, 20)
    assert mail is not None
    return mail
