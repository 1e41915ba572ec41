"""What a log says: one JSON object a line, and never what somebody confided to us."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.confiding import SECRET, confide, forge
from tests.e2e.house import House, close_clients, new_house, sign_in
from tests.installation import Installation
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One that writes its log as machines read it, as much as it can."""
    told = {"RATE_LIMIT_ENABLED": "false", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    found = Installation(told)
    found.admin_password = f"{SECRET} of the platform"
    with found:
        urls = found.endpoints
        yield found
        publishers = [one["redis"] for one in urls["publishers"].values()]
        close_clients(found.base_url, urls["redis"], *publishers)


@pytest.fixture(scope="module")
def house(installation: Installation) -> House:
    platform = sign_in(
        installation.base_url, None, installation.admin_email, installation.admin_password
    )
    return new_house(installation, platform)


def lines(installation: Installation) -> list[str]:
    """As a reader has them that knows every mark by which a line might end."""
    # Behind the last line feed stands a line that is being written.
    whole, _, _ = installation.log.read_text(encoding="utf-8").rpartition("\n")
    return whole.splitlines()


def test_a_log_is_json_and_says_no_secret(installation: Installation, house: House) -> None:
    """Every line is one object with a time, a level, a part and a message; none is forged; and
    nothing that was confided, by whichever way, stands in any."""
    made = confide(house, house.owner)
    forge(installation, house)
    said = wait_until(
        lambda: found if len(found := refused_entries(installation)) >= 14 else None, 20
    )
    assert said is not None
    log = lines(installation)
    for line in log:
        entry = json.loads(line)
        assert list(entry)[:4] == ["time", "level", "part", "message"], line
        assert entry["message"] != "forged"
    whole = "\n".join(log)
    assert SECRET not in whole
    assert not [secret for secret in made if secret in whole]
    assert all(one["reason"] for one in said)


def refused_entries(installation: Installation) -> list[dict[str, Any]]:
    """What is noted of entries that a publisher should not have sent."""
    found = [json.loads(line) for line in lines(installation)]
    return [one for one in found if one["message"] == "publisher's entry refused"]


def test_what_went_wrong_is_found_by_its_ids(installation: Installation, house: House) -> None:
    """A message that no handler takes is noted with its id, tenant, request and trace."""
    client: Any = house.redis
    ids = {"correlationid": f"request-{uuid4()}", "traceparent": f"00-{uuid4().hex}-{'1' * 16}-01"}
    entry = {"specversion": "1.0", "id": str(uuid4()), "type": "booking.shred", "source": "test"}
    client.xadd("reservation.commands", {**entry, **ids, "tenantid": house.id, "data": "{}"})

    def noted() -> dict[str, Any] | None:
        found = [json.loads(line) for line in lines(installation)]
        return next((one for one in found if one.get("request_id") == ids["correlationid"]), None)

    line = wait_until(noted, 10)
    assert line is not None
    assert line["tenant_id"] == house.id
    assert line["trace_id"] == ids["traceparent"].split("-")[1]
    assert line["message_id"] == entry["id"]
    assert (line["reason"], line["part"]) == ("unknown_type", "handler-1")
