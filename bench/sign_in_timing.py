"""Whether the time that a refused sign-in takes says which accounts there are.

    python -m bench.sign_in_timing [samples]

Starts an installation, asks in turn with a wrong password, an unknown address, an account without a
password, one that is disabled and an unknown tenant, and shows the quartiles of each kind as ratios
to the wrong password's median, and how often a sample of it is slower than one of the wrong
password (0.50: nothing can be told from one sample).
"""

import logging
import statistics
import sys
import time
from collections.abc import Sequence

import httpx

from tests.e2e.house import PASSWORD, House, new_house, sign_in
from tests.installation import Installation

WRONG = "a wrong password"


def body(house: House, kind: str) -> dict[str, str]:
    tenant = "no-such-tenant" if kind == "unknown tenant" else house.slug
    return {"tenant": tenant, "email": f"{kind.replace(' ', '-')}@x.example", "password": WRONG}


def people(house: House) -> None:
    """Somebody of each kind."""
    for kind, fields in (
        ("wrong password", {"password": PASSWORD}),
        ("no password", {}),
        ("disabled", {"password": PASSWORD, "active": False}),
    ):
        made = house.owner.post(
            "/users/", {"email": body(house, kind)["email"], "name": "N", **fields}
        )
        if made.status_code != 201:
            raise RuntimeError(made.text)


def sampled(house: House, kinds: Sequence[str], samples: int) -> dict[str, list[float]]:
    """Seconds by kind, asked in turn over one connection."""
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    with httpx.Client(base_url=house.base_url) as client:
        for _ in range(samples):
            for kind in kinds:
                begun = time.perf_counter()
                answer = client.post("/auth/token", json=body(house, kind))
                found[kind].append(time.perf_counter() - begun)
                if answer.status_code != 401:
                    raise RuntimeError(answer.text)
    return found


def slower(one: Sequence[float], other: Sequence[float]) -> float:
    """How often a sample of the one is slower than one of the other."""
    return sum(a > b for a in one for b in other) / (len(one) * len(other))


def main() -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    kinds = ("wrong password", "unknown address", "no password", "disabled", "unknown tenant")
    with Installation({"RATE_LIMIT_ENABLED": "false"}) as installation:
        admin = sign_in(
            installation.base_url, None, installation.admin_email, installation.admin_password
        )
        house = new_house(installation, admin)
        people(house)
        sampled(house, kinds, 10)
        found = sampled(house, kinds, samples)
    base = statistics.median(found["wrong password"])
    print(f"{samples} samples of each; the wrong password's median is {base * 1000:.1f} ms")
    for kind in kinds:
        low, middle, high = statistics.quantiles(found[kind], n=4)
        ratios = "  ".join(f"{value / base:.3f}" for value in (low, middle, high))
        print(f"{kind:16}  {ratios}  slower {slower(found[kind], found['wrong password']):.2f}")


if __name__ == "__main__":
    main()
