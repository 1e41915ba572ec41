"""`python -m ops.redis`: the users of the Redis in containers, for a Redis to read."""

import stat
from pathlib import Path

import pytest
from redis.exceptions import AuthenticationError, NoPermissionError

from contracts.wire.identity import new_id
from ops.errors import StartupError
from ops.redis.__main__ import main, passwords_of
from ops.redis.users import access_list
from ops.settings import Settings
from tests.deploy.servers import composed_redis

ADMINISTRATOR, OWN, CRM = (f"{digit}f1c9a0d5b7e42688c1f7d20e6b3a954" for digit in "123")
GIVEN = {
    "ENVIRONMENT": "production",
    "REDIS_ADMINISTRATOR_PASSWORD": ADMINISTRATOR,
    "REDIS_PASSWORD": OWN,
    "INGRESS_PUBLISHERS": '{"name": "crm", "tenants": ["*"]}',
    "REDIS_PUBLISHER_PASSWORDS": f'{{"crm": "{CRM}"}}',
}


def listed(environment: dict[str, str]) -> str:
    return access_list(passwords_of(environment, Settings.read(environment)))


def test_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has the administrator, our processes and each publisher, without a password; Redis,
    which is another user, may read it."""
    for name, value in {**GIVEN, "ENV_FILE": ""}.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "users.acl"
    assert main([str(file)]) == 0
    text = file.read_text(encoding="ascii")
    users = [line.split()[1] for line in text.splitlines()]
    assert users == ["default", "slotstream", "publisher-crm"]
    assert not [secret for secret in (ADMINISTRATOR, OWN, CRM) if secret in text]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"REDIS_PASSWORD": ""}, "REDIS_PASSWORD needs at least 32"),
        ({"REDIS_PASSWORD": "slotstream" * 4}, "REDIS_PASSWORD needs at least 32"),
        ({"REDIS_ADMINISTRATOR_PASSWORD": "short"}, "REDIS_ADMINISTRATOR_PASSWORD needs"),
        ({"REDIS_PUBLISHER_PASSWORDS": ""}, "has no password for crm"),
        ({"REDIS_PUBLISHER_PASSWORDS": '{"crm": "short"}'}, "The password of crm in REDIS_PUB"),
        ({"REDIS_PUBLISHER_PASSWORDS": "crm"}, "is not JSON"),
        ({"REDIS_PUBLISHER_PASSWORDS": "[]"}, "is no object from names"),
        ({"INGRESS_PUBLISHERS": "[]"}, "names crm, which INGRESS_PUBLISHERS does not"),
    ],
)
def test_what_is_refused(changed: dict[str, str], sentence: str) -> None:
    """A password that is missing, weak or nobody's is one sentence."""
    with pytest.raises(StartupError, match=sentence):
        listed({**GIVEN, **changed})


def test_a_refusal_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 1, says why, and leaves no file; without a file's name it ends with 2."""
    for name, value in {**GIVEN, "ENV_FILE": "", "REDIS_PASSWORD": "short"}.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "users.acl"
    assert (main([str(file)]), file.exists()) == (1, False)
    assert capsys.readouterr().err.startswith("slotstream: REDIS_PASSWORD needs")
    assert main([]) == 2


def test_who_acts_for_some_tenants_reads_no_events() -> None:
    """They are those of all tenants: it hears the answers to what it asked, and no more."""
    publishers = f'{{"name": "crm", "tenants": ["{new_id()}"], "types": ["*"]}}'
    changed = {**GIVEN, "INGRESS_PUBLISHERS": publishers}
    given = tuple((name, value) for name, value in changed.items() if name != "ENVIRONMENT")
    with composed_redis(given) as server, server.client("publisher-crm", CRM) as publisher:
        assert publisher.xadd("ingress.crm", {"specversion": "1.0"})
        assert publisher.xrange("replies.ingress.crm") == []
        for context in ("tenant", "resource", "user", "reservation"):
            with pytest.raises(NoPermissionError):
                publisher.xrange(f"{context}.events")


def test_a_server_with_the_words_of_compose() -> None:
    """A server that is started as compose.yaml says has these users and no other, keeps what is
    written, and throws nothing away."""
    given = tuple((name, value) for name, value in GIVEN.items() if name != "ENVIRONMENT")
    with composed_redis(given) as server:
        with server.client("default", ADMINISTRATOR) as administrator:
            assert sorted(administrator.acl_users()) == ["default", "publisher-crm", "slotstream"]
            for name, value in (
                ("appendonly", "yes"),
                ("appendfsync", "everysec"),
                ("maxmemory", str(512 * 1024 * 1024)),
                ("maxmemory-policy", "noeviction"),
                ("save", ""),
            ):
                assert administrator.config_get(name)[name] == value
        with server.client("slotstream", OWN) as ours, pytest.raises(NoPermissionError):
            ours.flushall()
        with server.client("publisher-crm", CRM) as publisher:
            assert publisher.xadd("ingress.crm", {"specversion": "1.0"})
            assert publisher.xrange("user.events") == []
        with server.client("default", "nobody's") as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
