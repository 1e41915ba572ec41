"""A place is given back and the process that hears of it dies: the offer comes all the same."""

import asyncio

from tests.e2e.house import House, at, day_ahead, new_house, rfc, sign_in
from tests.installation import Installation
from tests.waiting import eventually


async def test_an_offer_survives_the_death_of_whoever_makes_it(hurt: Installation) -> None:
    """Three times: cancelled, the handler killed at once, and the first in line is offered it."""
    platform = sign_in(hurt.base_url, None, hurt.admin_email, hurt.admin_password)
    house: House = new_house(hurt, platform)
    house.open_always()
    chair, customer = house.resource(), house.person("customer")
    for hour in (9, 11, 13):
        start, end = at(day_ahead(), hour), at(day_ahead(), hour + 1)
        booked = house.book(house.owner, chair, start).json()
        waits = customer.post(
            "/reservations/waitlist/",
            {
                "resource_id": chair,
                "from": rfc(start),
                "to": rfc(end),
                "duration_minutes": 60,
            },
        )
        assert waits.status_code == 201
        path = f"/reservations/waitlist/{waits.json()['id']}"
        cancelled = house.owner.post(f"/reservations/bookings/{booked['id']}/cancel")
        assert cancelled.status_code == 200
        pid = hurt.kill("handler")
        await asyncio.to_thread(hurt.wait_for_role, "handler", pid)

        def is_offered(path: str = path) -> bool:
            answer = customer.get(path)
            return answer.status_code == 200 and answer.json()["status"] == "offered"

        await eventually(is_offered, 60)
