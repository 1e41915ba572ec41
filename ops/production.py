"""What a production installation refuses to start with."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from ops.errors import StartupError
from ops.settings import CONTEXTS, DEFAULT_ADMIN_PASSWORD, Settings

SHORTEST_SECRET_KEY = 32
SHORTEST_PASSWORD = 12
FEWEST_DIFFERENT_CHARACTERS = 6
# Words that stand in examples everywhere; what only repeats one of them is no secret.
WELL_KNOWN = (
    "admin", "administrator", "changeit", "changeme", "default", "demo", "development", "example",
    "letmein", "password", "postgres", "qwerty", "redis", "root", "secret", "slotstream", "test",
)  # fmt: skip


def refuse_unsafe(
    settings: Settings, *, makes_administrator: bool = True, speaks_http: bool = True
) -> None:
    """Return when the settings may serve strangers; else raise the first objection.

    Who makes no administrator need not know a password that nobody guesses, and who speaks no HTTP
    need not know under which names it is spoken to.
    """
    for objection in objections(
        settings, makes_administrator=makes_administrator, speaks_http=speaks_http
    ):
        raise StartupError(objection)


def objections(
    settings: Settings, *, makes_administrator: bool = True, speaks_http: bool = True
) -> Iterator[str]:
    """All that keeps a production installation from starting with these settings."""
    if not settings.is_production:
        return
    password = settings.platform_admin_password.get_secret_value()
    urls = {
        **{
            f"DATABASE_URL_{one.upper()}": getattr(settings, f"database_url_{one}")
            for one in CONTEXTS
        },
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
    }
    yield from filter(
        None,
        (
            *_test_switches(settings),
            _administrator(password) if makes_administrator else None,
            _secret_key(settings.secret_key),
            *(_url_password(variable, url) for variable, url in urls.items()),
            *_senders(settings),
            _hosts(settings) if speaks_http else None,
        ),
    )


def _test_switches(settings: Settings) -> Iterator[str]:
    if not settings.rate_limit_enabled:
        yield "RATE_LIMIT_ENABLED=false is for tests: production does not start without limits."
    if settings.webhook_allow_private:
        yield (
            "WEBHOOK_ALLOW_PRIVATE=true is for tests: "
            "in production webhooks reach no internal address."
        )
    if not settings.embedded_fsync:
        yield "EMBEDDED_FSYNC=false is for tests: what production answers is on the disk."
    if settings.fail_point:
        yield "FAIL_POINT makes processes kill themselves: production does not start with it."


def _senders(settings: Settings) -> Iterator[str]:
    if settings.smtp_url is not None and settings.mail_from is None:
        yield "SMTP_URL is set and MAIL_FROM is not: mails need an address that they come from."
    if settings.sms_url is not None and settings.sms_from is None:
        yield "SMS_URL is set and SMS_FROM is not: messages need a name that they come from."
    if settings.sms_url is not None and not settings.sms_url.startswith("https://"):
        yield "SMS_URL is not https://: what people are told does not travel in the open."


def _hosts(settings: Settings) -> str | None:
    if not hosts_of(settings):
        return (
            "ALLOWED_HOSTS is not set: production answers to the names that it is told alone; "
            "`*` is any."
        )
    return None


def hosts_of(settings: Settings) -> list[str]:
    """The names that a request may say in Host, as the gateway reads them."""
    said = (part.strip(" \t\"'[]") for part in (settings.allowed_hosts or "").split(","))
    return [name for name in said if name]


def _administrator(password: str) -> str | None:
    if password == DEFAULT_ADMIN_PASSWORD:
        return (
            "PLATFORM_ADMIN_PASSWORD still is the development default: "
            "set one of your own before starting in production."
        )
    if len(password) < SHORTEST_PASSWORD or is_guessable(password):
        return (
            "PLATFORM_ADMIN_PASSWORD is too weak for production: "
            f"it needs at least {SHORTEST_PASSWORD} characters that nobody would guess."
        )
    return None


def _secret_key(key: SecretStr | None) -> str | None:
    # None: a key of 256 random bits is kept under DATA_DIR, which is neither default nor weak.
    if key is None:
        return None
    value = key.get_secret_value()
    if len(value) < SHORTEST_SECRET_KEY or is_guessable(value):
        return (
            "SECRET_KEY is too weak for production: "
            f"it needs at least {SHORTEST_SECRET_KEY} random characters."
        )
    return None


def _url_password(variable: str, url: SecretStr | None) -> str | None:
    password = urlsplit(url.get_secret_value()).password if url else None
    # No password can be right (a socket, a certificate, a closed network); a well-known one cannot.
    if password and is_guessable(unquote(password)):
        return f"The password in {variable} is a well-known one: production does not start with it."
    return None


def is_guessable(secret: str) -> bool:
    """Whether the secret is made of few characters, or of one well-known word and its trimmings."""
    if len(set(secret)) < FEWEST_DIFFERENT_CHARACTERS:
        return True
    letters = "".join(character for character in secret.lower() if character.isalpha())
    return any(letters and not letters.replace(word, "") for word in WELL_KNOWN)
