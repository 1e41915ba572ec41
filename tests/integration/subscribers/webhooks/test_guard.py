"""Which addresses webhooks reach: a table, and a resolver that says another thing each time."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import ip_address

import httpcore
import pytest

from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.guard import GuardedBackend, Resolver
from handlers.subscribers.webhooks.posting import Poster
from tests.integration.subscribers.webhooks.conftest import LOOPBACK, Clockwork, Shop, moment
from tests.integration.subscribers.webhooks.receiver import Receiver
from tests.log_output import written

INTERNAL = (
    # this network, private, carriers', loopback, link-local and clouds' own
    "0.0.0.0",  # noqa: S104 - looked at, not bound
    *("0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254"),
    *("100.100.100.200", "127.0.0.1", "127.1.2.3", "127.255.255.255", "169.254.0.1"),
    *("169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    *("192.168.255.255", "168.63.129.16"),
    # assignments, documentation, benchmarking, relays, multicast, reserved, broadcast
    *("192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.170", "192.0.0.192"),
    *("192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.175.48.1"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "233.252.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    # the same in IPv6
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
    *("ff0e::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "100:0:0:1::1", "4000::1"),
    *("2001:2::1", "2001:10::1", "2001:20::1", "2001:1::1", "2620:4f:8000::1"),
    # IPv4 within: mapped, compatible, translated, 6to4, NAT64, Teredo
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:10.0.0.1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "64:ff9b::a00:1", "64:ff9b::808:808"),
    *("64:ff9b:1::a00:1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
)
PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0"),
    *("192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "2001:200::1"),
)


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_addresses_are_not_reached(address: str) -> None:
    """Nothing that leads inside, by whatever way it is written."""
    assert not Reach().allows(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    """What lies right beside the internal ones is somebody's."""
    assert Reach().allows(ip_address(address))


def test_the_table_is_more_than_the_standard_library_knows() -> None:
    """`is_global` lets internal addresses pass: the reason for a table of our own."""
    assert len(INTERNAL) >= 45
    assert [address for address in INTERNAL if ip_address(address).is_global]


def test_only_loopback_is_opened_for_development() -> None:
    """The switch for receivers on this machine opens nothing else."""
    opened = {address for address in INTERNAL if Reach(loopback=True).allows(ip_address(address))}
    assert opened == {"127.0.0.1", "127.1.2.3", "127.255.255.255", "::1"}


def rebinding(*answers: Sequence[str]) -> tuple[Callable[..., object], list[str]]:
    """A resolver that gives these answers one after the other, and whom it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


async def test_a_resolver_that_rebinds_does_not_help(receiver: Receiver) -> None:
    """The name is resolved once for an attempt, and the connection goes to what was checked: that
    the name leads inside a moment later is of no use, and an attempt that meets that is refused."""
    resolve, asked = rebinding(["127.0.0.1"], ["10.0.0.1"])
    poster = Poster(LOOPBACK, resolve)  # type: ignore[arg-type]  # as loosely typed as a trick
    url = f"http://hooks.example:{receiver.port}/x"
    sent = await poster.post(url, {}, b"{}")
    assert (sent.status, asked) == (200, ["hooks.example"])
    assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"
    again = await poster.post(url, {}, b"{}")
    assert (again.status, again.error) == (None, "forbidden_address")
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["nonsense"]]
)
async def test_no_address_of_a_name_may_lead_inside(
    receiver: Receiver, addresses: list[str]
) -> None:
    """Also where another one is public, which an attacker would have fail."""
    resolve, _ = rebinding(addresses)
    poster = Poster(Reach(), resolve)  # type: ignore[arg-type]  # as above
    sent = await poster.post(f"https://hooks.example:{receiver.port}/", {}, b"{}")
    assert (sent.status, sent.error) == (None, "forbidden_address")
    assert receiver.received == []


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
async def test_other_spellings_of_this_machine(receiver: Receiver, host: str) -> None:
    """What the machine's own resolver makes of them is what is looked at."""
    resolver = Resolver(1)
    poster = Poster(Reach(), resolver)
    sent = await poster.post(f"https://{host}:{receiver.port}/", {}, b"{}")
    resolver.close()
    assert sent.error in ("forbidden_address", "connection_failed")
    assert receiver.received == []


async def test_no_proxy_of_the_environment(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve the name itself."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    resolve, asked = rebinding(["127.0.0.1"])
    poster = Poster(LOOPBACK, resolve)  # type: ignore[arg-type]  # as above
    assert (await poster.post(f"http://a.example:{receiver.port}/", {}, b"{}")).status == 200
    assert asked == ["a.example"]


@pytest.mark.parametrize("host", ["hooks..example", f"{'a' * 64}.example"])
async def test_a_name_that_nobody_can_be_asked_for(host: str) -> None:
    """What has no form that a name server would know is a host that cannot be connected to."""
    resolver = Resolver(1)
    with pytest.raises(httpcore.ConnectError):
        await GuardedBackend(LOOPBACK, resolver).connect_tcp(host, 443)
    resolver.close()


async def test_what_fails_here_is_an_attempt_like_others(
    shop: Shop, new_sender: Callable[..., Clockwork], receiver: Receiver
) -> None:
    """A mistake of ours is in the operator's log and in the tenant's, and the next attempt is the
    schedule's."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise LookupError("nobody expects this")

    poster = Poster(LOOPBACK, resolve, 2.0)
    hook = await shop.hook(f"http://hooks.example:{receiver.port}/")
    await shop.hears()
    clockwork = new_sender(poster)
    with written("json") as log:
        assert await clockwork.send() == 1
    assert "nobody expects this" in log.getvalue()
    (sent,) = await shop.log(hook)
    (attempt,) = sent["attempts"]
    assert (sent["state"], attempt["error"]) == ("pending", "failed_here")
    failing_since = moment((await shop.read(hook))["failing_since"])
    wait = moment(sent["next_attempt_at"]) - failing_since
    assert timedelta(seconds=4) <= wait <= timedelta(seconds=6)


async def test_a_forbidden_address_is_a_failure_of_the_delivery(
    shop: Shop, new_sender: Callable[..., Clockwork], receiver: Receiver
) -> None:
    """It is in the log, without where the name led, and it is tried again like any other."""
    resolve, _ = rebinding(["10.0.0.1"])
    poster = Poster(LOOPBACK, resolve)  # type: ignore[arg-type]  # as above
    hook = await shop.hook(f"http://hooks.example:{receiver.port}/")
    await shop.hears()
    await new_sender(poster).send()
    (sent,) = await shop.log(hook)
    (attempt,) = sent["attempts"]
    assert (sent["state"], attempt["error"]) == ("pending", "forbidden_address")
    assert "10.0.0.1" not in str(sent)
