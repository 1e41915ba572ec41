"""What a white-label front end shows of a tenant."""

import pytest

from contracts.tenant import commands
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.tenant.asking import ask
from tests.integration.tenant.test_tenants import made


@pytest.mark.parametrize(
    ("contact_email", "status"),
    [("oi@salon.example", 200), ("", 200), (None, 200), ("write to Ana", 400), ("oi@", 400)],
)
async def test_who_is_written_to_has_an_address(
    desk: Desk, contact_email: str | None, status: int
) -> None:
    """What people answer mails to is an address, or there is none."""
    tenant_id = await made(desk)
    branding = {"contact_email": contact_email}
    put = await ask(desk, commands.BrandingSet, tenant_id, tenant_id=tenant_id, branding=branding)
    assert put.status == status
    if status == 400:
        assert code_of(put) == (400, "invalid_email")
        assert errors_of(put) == {("contact_email", "invalid_email")}
