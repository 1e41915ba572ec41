"""What the environment, `.env` and secret files say becomes one set of values, or one sentence."""

from pathlib import Path

import pytest

from ops.errors import StartupError
from ops.production import is_guessable, objections, refuse_unsafe
from ops.settings import DEFAULT_ADMIN_PASSWORD, Settings, environment_of

STRONG = "3f1c9a0d5b7e42688c1f"
SAFE = {
    "ENVIRONMENT": "production",
    "PLATFORM_ADMIN_PASSWORD": STRONG,
    "ALLOWED_HOSTS": "book.example",
}


def test_nothing_said() -> None:
    """Without any variable: development on port 8000, embedded servers, the publisher `demo`."""
    settings = Settings.read({})
    assert (settings.gateway_host, settings.gateway_port) == ("127.0.0.1", 8000)
    assert settings.needs_embedded_postgres
    assert [publisher.name for publisher in settings.publishers] == ["demo"]
    assert settings.format_of_logs == "text"


def test_empty_is_not_said() -> None:
    """An empty variable is as good as none."""
    assert Settings.read({"GATEWAY_PORT": "", "REDIS_URL": ""}) == Settings.read({})


def test_environment_wins_over_file(tmp_path: Path) -> None:
    """`.env` fills in what the environment does not say."""
    path = tmp_path / "env"
    path.write_text("GATEWAY_PORT=9001\nWORKERS=2\nUNRELATED=1\n", encoding="ascii")
    merged = environment_of({"ENV_FILE": str(path), "GATEWAY_PORT": "9002"})
    settings = Settings.read(merged)
    assert (settings.gateway_port, settings.workers) == (9002, 2)
    assert merged["UNRELATED"] == "1"


def test_no_file() -> None:
    """An empty ENV_FILE names no file."""
    assert environment_of({"ENV_FILE": ""}) == {"ENV_FILE": ""}


def test_secret_from_file(tmp_path: Path) -> None:
    """`<NAME>_FILE` gives a secret without its line end; the plain variable wins over it."""
    path = tmp_path / "secret"
    path.write_text(f"{STRONG}\n", encoding="ascii")
    named = {"PLATFORM_ADMIN_PASSWORD_FILE": str(path)}
    assert Settings.read(named).platform_admin_password.get_secret_value() == STRONG
    both = Settings.read({**named, "PLATFORM_ADMIN_PASSWORD": "another long phrase"})
    assert both.platform_admin_password.get_secret_value() == "another long phrase"


def test_secret_file_that_is_not_there(tmp_path: Path) -> None:
    """A secret file that cannot be read is named."""
    with pytest.raises(StartupError, match=r"SECRET_KEY_FILE names .* cannot be read"):
        Settings.read({"SECRET_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"GATEWAY_PORT": "70000"}, "GATEWAY_PORT cannot be used: input should be less than"),
        ({"WORKERS": "0"}, "WORKERS cannot be used"),
        ({"ENVIRONMENT": "staging"}, "ENVIRONMENT cannot be used"),
        ({"FAIL_POINT": "after commit"}, "FAIL_POINT cannot be used"),
        ({"RATE_LIMIT_USER": "many"}, "RATE_LIMIT_USER cannot be used"),
        ({"TRUSTED_PROXIES": "10.0.0.1, proxy"}, "TRUSTED_PROXIES cannot be used"),
        ({"REDIS_URL": "http://cache"}, "REDIS_URL cannot be used: it must begin with redis://"),
        ({"DATABASE_URL_USER": "db"}, "DATABASE_URL_USER cannot be used: it must begin with post"),
        ({"DATABASE_URL": "postgres://db:x/"}, "DATABASE_URL cannot be used: port could not be"),
        ({"PLATFORM_ADMIN_EMAIL": "zz"}, "PLATFORM_ADMIN_EMAIL cannot be used: is no e-mail"),
        ({"PLATFORM_ADMIN_PASSWORD": "short"}, "PLATFORM_ADMIN_PASSWORD cannot be used: needs 12"),
        ({"SMTP_URL": "http://mail"}, "SMTP_URL cannot be used: it must begin with smtps://"),
        ({"SMTP_URL": "smtp://"}, "SMTP_URL cannot be used: it must begin with smtps://"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "a:9092;b"}, "KAFKA_BOOTSTRAP_SERVERS cannot be used"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL cannot be used"),
        ({"KAFKA_TOPIC_PREFIX": "a/b"}, "KAFKA_TOPIC_PREFIX cannot be used"),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM cannot be used: is no e-mail address"),
        ({"INGRESS_PUBLISHERS": '[{"name": "A b"}]'}, r"INGRESS_PUBLISHERS \(0.name\) cannot be"),
        (
            {"INGRESS_PUBLISHERS": '[{"name": "a"}, {"name": "a"}]'},
            "INGRESS_PUBLISHERS cannot be used: names the same publisher twice",
        ),
    ],
)
def test_wrong_value(said: dict[str, str], sentence: str) -> None:
    """A wrong value is one sentence that begins with the variable's name."""
    with pytest.raises(StartupError, match=f"^{sentence}"):
        Settings.read(said)


def test_wrong_secret_is_not_repeated() -> None:
    """The sentence does not repeat the value: it may be a secret."""
    with pytest.raises(StartupError) as refused:
        Settings.read({"INGRESS_PUBLISHERS": "[{secret-value}]"})
    assert "secret-value" not in refused.value.sentence


def test_publishers() -> None:
    """One publisher may stand without a list; what it is not given it may not send."""
    settings = Settings.read({"INGRESS_PUBLISHERS": '{"name": "crm", "types": ["booking.create"]}'})
    publisher, demo = settings.publishers
    assert (demo.name, demo.tenants, demo.types) == ("demo", ("*",), ("*",))
    assert (publisher.name, publisher.tenants, publisher.types) == (
        "crm",
        (),
        ("booking.create",),
    )


def test_databases() -> None:
    """A context's own URL wins over the one for all."""
    settings = Settings.read(
        {"DATABASE_URL": "postgresql://all/", "DATABASE_URL_USER": "postgresql://user/its"}
    )
    assert settings.administrator_url_of("user") == "postgresql://user/its"
    assert settings.administrator_url_of("tenant") == "postgresql://all/"
    assert not settings.needs_embedded_postgres


def test_production_with_secrets_of_its_own() -> None:
    """Production starts with a strong administrator's password and the names of its hosts, of which
    any is one that is said; the rest is generated or given."""
    refuse_unsafe(Settings.read(SAFE))
    refuse_unsafe(Settings.read({**SAFE, "ALLOWED_HOSTS": "*"}))
    key = {"SECRET_KEY": "b1946ac92492d2347c6235b4d2611184f0ab"}
    url = {"DATABASE_URL": "postgresql://root:8d0fkw2m1q@db/", "REDIS_URL": "redis://r:6379/0"}
    refuse_unsafe(Settings.read({**SAFE, **key, **url}))
    assert Settings.read(SAFE).publishers == ()
    assert Settings.read(SAFE).format_of_logs == "json"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"PLATFORM_ADMIN_PASSWORD": DEFAULT_ADMIN_PASSWORD}, "PLATFORM_ADMIN_PASSWORD"),
        ({"PLATFORM_ADMIN_PASSWORD": "a" * 14}, "PLATFORM_ADMIN_PASSWORD"),
        ({"PLATFORM_ADMIN_PASSWORD": "password12345678"}, "PLATFORM_ADMIN_PASSWORD"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY"),
        ({"SECRET_KEY": "ab" * 32}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme-changeme-changeme-1234567"}, "SECRET_KEY"),
        ({"RATE_LIMIT_ENABLED": "false"}, "RATE_LIMIT_ENABLED"),
        ({"FAIL_POINT": "after_commit"}, "FAIL_POINT"),
        ({"EMBEDDED_FSYNC": "false"}, "EMBEDDED_FSYNC"),
        ({"WEBHOOK_ALLOW_PRIVATE": "true"}, "WEBHOOK_ALLOW_PRIVATE"),
        ({"DATABASE_URL": "postgresql://postgres:postgres@db/"}, "DATABASE_URL"),
        ({"DATABASE_URL_USER": "postgresql://postgres:secret@db/"}, "DATABASE_URL_USER"),
        ({"REDIS_URL": "redis://default:redis@cache/0"}, "REDIS_URL"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS"),
        ({"SMTP_URL": "smtps://post:8d0fkw2m1q@mail.example"}, "MAIL_FROM"),
        ({"SMS_URL": "https://sms.example/messages"}, "SMS_FROM"),
        ({"SMS_URL": "http://sms.example/messages", "SMS_FROM": "Salon"}, "https://"),
    ],
)
def test_production_refuses(said: dict[str, str], named: str) -> None:
    """Default and weak secrets, switched-off limits and fail points keep production down."""
    with pytest.raises(StartupError, match=named) as refused:
        refuse_unsafe(Settings.read({**SAFE, **said}))
    assert not any(value in refused.value.sentence for value in said.values() if "://" in value)
    refuse_unsafe(Settings.read({**said, "ENVIRONMENT": "development"}))


def test_all_objections_at_once() -> None:
    """They can be asked for one and all; who makes no administrator need not know a password, and
    who speaks no HTTP no host."""
    said = {"ENVIRONMENT": "production", "SECRET_KEY": "changeme", "RATE_LIMIT_ENABLED": "false"}
    settings = Settings.read(said)
    assert len(list(objections(settings))) == 4
    bare = Settings.read({"ENVIRONMENT": "production"})
    refuse_unsafe(bare, makes_administrator=False, speaks_http=False)
    with pytest.raises(StartupError, match="ALLOWED_HOSTS"):
        refuse_unsafe(bare, makes_administrator=False)
    with pytest.raises(StartupError, match="SECRET_KEY"):
        refuse_unsafe(
            Settings.read({**said, "RATE_LIMIT_ENABLED": "true"}), makes_administrator=False
        )


@pytest.mark.parametrize("secret", ["aaaaaaaaaaaaaaaa", "Password1234", "admin-admin-99", "abcabc"])
def test_guessable(secret: str) -> None:
    """Few characters, or one well-known word with trimmings, is no secret."""
    assert is_guessable(secret)


@pytest.mark.parametrize("secret", [STRONG, "correct horse battery", "48151623421234567890"])
def test_not_guessable(secret: str) -> None:
    """Phrases and random digits are."""
    assert not is_guessable(secret)
