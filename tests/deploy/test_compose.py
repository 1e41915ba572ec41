"""compose.yaml as Compose resolves it: who is started, when, and as whom."""

from pathlib import Path

import pytest

from ops.embedded.postgres import SERVER_SETTINGS
from tests.deploy.composed import (
    ASKED_FOR,
    OWN,
    PLAIN,
    PROFILES,
    WITH_TLS,
    WORKERS,
    resolved,
    run,
    services,
    told,
)

ROOT = Path(__file__).parents[2]
ONCE = {"administrator", "doctor", "prepare", "redis-users"}
WATCHING = {"prometheus", "grafana"}
OTHERS = {"nginx", "postgres", "redis", *WATCHING}
ALL = sorted(OWN | OTHERS)


@pytest.mark.parametrize("names", [PLAIN, WITH_TLS])
@pytest.mark.parametrize("profiles", [(), *((one,) for one in PROFILES), PROFILES])
def test_it_resolves(names: tuple[str, ...], profiles: tuple[str, ...]) -> None:
    """With and without TLS, and with each profile, Compose accepts the model; a profile brings its
    own and takes nothing away."""
    found = set(services(names=names, profiles=profiles))
    of_profile = {"doctor": {"doctor"}, "kafka": {"mirror"}, "watch": WATCHING}
    assert set(of_profile) == set(PROFILES)
    left = [of for profile, of in of_profile.items() if profile not in profiles]
    assert found == (OWN | OTHERS).difference(*left)


@pytest.mark.parametrize("missing", sorted(set(ASKED_FOR) - {"GRAFANA_PASSWORD"}))
def test_a_missing_secret(missing: str) -> None:
    """Without a secret nothing is started; the message names it and where it belongs."""
    environment = {name: value for name, value in ASKED_FOR.items() if name != missing}
    done = run(PLAIN, ("config", "--quiet"), environment)
    assert done.returncode != 0
    assert f"set {missing} in .env" in done.stderr


def test_tls_needs_its_folder() -> None:
    """With TLS the folder of the certificate has to be named."""
    done = run(WITH_TLS, ("config", "--quiet"), ASKED_FOR)
    assert (done.returncode != 0, "set TLS_FOLDER in .env" in done.stderr) == (True, True)


def test_one_service_builds() -> None:
    """The image of all is built by one service, which waits for nobody and which all others wait
    for: builds go on side by side, and two cannot write one tag. The others take what is there."""
    model = services()
    (builder,) = (name for name, one in model.items() if "build" in one)
    waits = {name: set(one.get("depends_on") or ()) for name, one in model.items()}
    assert not waits[builder]
    # The doctor is called when the installation is there, and waits for nobody either.
    for name in OWN - {builder, "doctor"}:
        before = set(waits[name])
        while more := set().union(*(waits[one] for one in before)) - before:
            before |= more
        assert builder in before, name
        assert (model[name]["image"], model[name]["pull_policy"]) == ("slotstream:local", "never")
    assert model[builder]["image"] == "slotstream:local"
    # With an image of one's own making it is the one that fetches it.
    assert model[builder]["pull_policy"] == "missing"


@pytest.mark.parametrize("name", ALL)
def test_it_is_contained(name: str) -> None:
    """It is no root, writes nothing but its volumes and scratch, has no capability, gains none, and
    has limits."""
    service = services()[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert group.isdecimal()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= set(limits)


@pytest.mark.parametrize("names", [PLAIN, WITH_TLS])
def test_only_nginx_is_reached(names: tuple[str, ...]) -> None:
    """nginx alone has ports that lead outside; Grafana has one on this machine's loopback."""
    ports = {name: one["ports"] for name, one in services(names=names).items() if "ports" in one}
    assert set(ports) == {"nginx", "grafana"}
    assert {port.get("host_ip") for port in ports["grafana"]} == {"127.0.0.1"}
    targets = [port["target"] for port in ports["nginx"]]
    assert targets == ([8080] if names == PLAIN else [8080, 8443])
    # Not on IPv6, from where everybody would have the bridge's address.
    assert {port.get("host_ip") for port in ports["nginx"]} == {"0.0.0.0"}  # noqa: S104 - read
    chosen = services(names=names, more=(("LISTEN_ADDRESS", "192.0.2.7"),))["nginx"]["ports"]
    assert {port["host_ip"] for port in chosen} == {"192.0.2.7"}


def test_networks() -> None:
    """nginx meets gateways alone; nothing leads out but for those who send mails, webhooks, events
    and alerts."""
    model = resolved()
    assert model["networks"]["back"]["internal"] is True
    networks = {name: set(one.get("networks") or ()) for name, one in model["services"].items()}
    assert networks["nginx"] == {"front"}
    assert {name for name, of in networks.items() if "front" in of} == {"nginx", "gateway"}
    leading_out = {name for name, of in networks.items() if "out" in of}
    assert leading_out == {"subscriber", "mirror", "doctor", *WATCHING}
    (subnet,) = model["networks"]["front"]["ipam"]["config"]
    assert told("gateway")["TRUSTED_PROXIES"] == subnet["subnet"]


@pytest.mark.parametrize("name", ALL)
def test_health(name: str) -> None:
    """What lasts is asked whether it lives; what runs once is not, and is not started again."""
    service = services()[name]
    if name in ONCE:
        assert (service["healthcheck"], service["restart"]) == ({"disable": True}, "no")
    else:
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        assert service["restart"] == "unless-stopped"


def test_order_of_the_start() -> None:
    """Users, then servers, then `prepare`, then everybody, then the gateway, then nginx; each waits
    for what it needs, and for nothing that is not there."""
    model = services()
    waits = {
        name: {other: how["condition"] for other, how in (one.get("depends_on") or {}).items()}
        for name, one in model.items()
    }
    healthy, done = "service_healthy", "service_completed_successfully"
    assert waits["redis"] == {"redis-users": done}
    assert waits["prepare"] == {"redis": healthy, "postgres": healthy}
    for name in (*WORKERS, "relay", "subscriber", "mirror"):
        assert waits[name] == {"prepare": done, "redis": healthy, "postgres": healthy}
    assert waits["gateway"].items() >= waits["relay"].items()
    assert waits["administrator"]["worker-user"] == healthy
    assert waits["nginx"] == {"gateway": healthy}
    conditions = {(other, how) for one in waits.values() for other, how in one.items()}
    for other, how in conditions:
        assert (how == done) == (other in ONCE)


@pytest.mark.parametrize("names", [PLAIN, WITH_TLS])
def test_what_is_mounted_is_there(names: tuple[str, ...]) -> None:
    """Every file and folder of the checkout that a container is given exists, and cannot be written
    from inside; every volume is declared."""
    model = resolved(names=names)
    for name, service in model["services"].items():
        for mount in service.get("volumes", []):
            if mount["type"] == "volume":
                assert mount["source"] in model["volumes"], name
            elif Path(mount["source"]).is_relative_to(ROOT):
                assert mount["read_only"] is True, name
                assert Path(mount["source"]).exists(), mount["source"]


def test_who_has_the_keys() -> None:
    """Only who signs and who verifies tokens have the folder of the keys. The gateway is another
    user than the one that the private key belongs to, of the same group; only `prepare` writes
    there."""
    gateway, worker, prepare = (services()[name] for name in ("gateway", "worker-user", "prepare"))
    assert gateway["user"].split(":")[0] != prepare["user"].split(":")[0]
    assert gateway["user"].split(":")[1] == prepare["user"].split(":")[1]
    assert worker["user"] == prepare["user"]
    found = {}
    for name, service in services().items():
        for mount in service.get("volumes", []):
            if mount["source"] == "keys":
                found[name] = bool(mount.get("read_only"))
    assert found == {"prepare": False, "worker-user": True, "gateway": True, "doctor": True}


def test_numbers() -> None:
    """There is one of each, or as many gateways and workers as the settings say, bookings' apart:
    what was once said holds for every `up`."""

    def numbers(**more: str) -> dict[str, int]:
        found = services(more=tuple(sorted(more.items()))).items()
        return {name: one["deploy"].get("replicas", 1) for name, one in found}

    assert set(numbers().values()) == {1}
    found = numbers(GATEWAYS="2", WORKERS="3")
    several = {"gateway": 2, **dict.fromkeys(WORKERS, 3)}
    assert {name: number for name, number in found.items() if number > 1} == several
    found = numbers(GATEWAYS="2", WORKERS="3", WORKERS_RESERVATION="5")
    assert found == {**numbers(), **several, "worker-reservation": 5}


def test_commands_and_stops() -> None:
    """There is a worker of each context; and each has more time for its end than that takes: the
    gateway 4 s, the others 15."""
    contexts = {tuple(services()[name]["command"]) for name in WORKERS}
    names = ("tenant", "resource", "user", "reservation", "ingress")
    assert contexts == {("worker", "--context", name) for name in names}
    assert services()["gateway"]["stop_grace_period"] == "10s"
    assert {services()[n]["stop_grace_period"] for n in OWN - {"gateway"}} == {"20s"}


def test_settings_of_postgres() -> None:
    """The server is told what the embedded one is, which every test runs on, and grants more
    connections: each worker has some of its own."""
    words = services()["postgres"]["command"][1:]
    said = dict(word.removeprefix("-c").split("=", 1) for word in words)
    more = int(said.pop("max_connections"))
    assert said.items() <= SERVER_SETTINGS.items()
    assert more > int(SERVER_SETTINGS["max_connections"])
