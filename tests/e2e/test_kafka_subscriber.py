"""An installation whose Kafka is not there: its mirror waits, and nobody else does."""

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.e2e.house import at, day_ahead, new_house, sign_in
from tests.installation import Installation, free_port
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def mirrored() -> Iterator[Installation]:
    told = {
        "RATE_LIMIT_ENABLED": "false",
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
    }
    with Installation(told) as found:
        yield found


def test_an_unreachable_kafka_holds_up_the_mirror_alone(mirrored: Installation) -> None:
    """Bookings are made and stand in the audit trail; the mirror keeps what it has read, is no
    delivery the worse for it, and its process lives."""
    (before,) = mirrored.pids("mirror")
    platform = sign_in(mirrored.base_url, None, mirrored.admin_email, mirrored.admin_password)
    house = new_house(mirrored, platform)
    house.open_always()
    booked = house.book(house.owner, house.resource(), at(day_ahead(), 10))
    assert booked.status_code == 201, booked.text
    subject = f"booking/{booked.json()['id']}"

    def on_the_trail() -> bool:
        items = house.owner.get(f"/tenants/{house.id}/audit/", subject=subject).json()["items"]
        return [item["event_type"] for item in items] == ["booking.created"]

    assert wait_until(on_the_trail, 15)
    with Redis.from_url(mirrored.endpoints["redis"]) as client:

        def kept() -> bool:
            found = client.xpending_range("reservation.events", "kafka", "-", "+", 10)
            return [one["times_delivered"] for one in found] == [1]

        assert wait_until(kept, 15)
    assert mirrored.pids("mirror") == [before]
