"""The settings: every mistake in them, not only the first that a start would refuse."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from ops.doctor.finding import Finding, fail, ok, warn
from ops.errors import StartupError
from ops.kafka import misfits
from ops.lineup import ROOT
from ops.production import hosts_of, objections
from ops.settings import Settings, sentences

DOCUMENTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def read(environment: Mapping[str, str]) -> tuple[Settings | None, list[Finding]]:
    """The settings, when each is right by itself, and what is wrong with them."""
    try:
        settings = Settings.read(dict(environment))
    except StartupError as wrong:
        cause = wrong.__cause__
        said = sentences(cause) if isinstance(cause, ValidationError) else [wrong.sentence]
        return None, [fail("settings", one, ".env.example says what it takes.") for one in said]
    return settings, list(_together(settings))


def file(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Names in `.env` that nothing reads: mostly a slip of the pen."""
    path, example = Path(environment.get("ENV_FILE") or ""), ROOT / ".env.example"
    if not path.is_file() or not example.is_file():
        return
    known = set(DOCUMENTED.findall(example.read_text(encoding="utf-8")))
    names = {name.upper().removesuffix("_FILE") for name in dotenv_values(path)}
    without_file = {name.removesuffix("_FILE") for name in known}
    for name in sorted(names - without_file):
        yield warn("settings", f"{path} sets {name}, which nothing reads", "See .env.example.")


def _together(settings: Settings) -> Iterator[Finding]:
    of_all = [
        *objections(settings, makes_administrator=False, speaks_http=False),
        *misfits(settings),
    ]
    of_administrator = [one for one in objections(settings, speaks_http=False) if one not in of_all]
    of_gateway = [
        one for one in objections(settings, makes_administrator=False) if one not in of_all
    ]
    for one in of_all:
        yield fail("settings", one, "Change it: nothing starts with it.")
    is_apart = _has_processes_apart(settings)
    for one in of_administrator:
        if is_apart:
            yield warn("settings", one, "`slotstream run` needs it; single processes do not.")
        else:
            yield fail("settings", one, "Set it: `slotstream run` does not start with it.")
    for one in of_gateway:
        if is_apart:
            yield warn("settings", one, "A gateway needs it; other processes do not.")
        else:
            yield fail("settings", one, "Set it: no gateway starts without it.")
    if not (of_all or of_administrator or of_gateway):
        yield ok("settings", f"right for {settings.environment}")
    if not of_all and settings.is_production:
        yield from _of_production(settings)


def _has_processes_apart(settings: Settings) -> bool:
    """Whether this looks like one of several hosts, which need not know the administrator."""
    is_given = "platform_admin_password" in settings.model_fields_set
    return not is_given and settings.redis_url is not None


def _of_production(settings: Settings) -> Iterator[Finding]:
    if "*" in hosts_of(settings):
        yield warn(
            "settings",
            "any Host is answered",
            "Set ALLOWED_HOSTS to the names that clients use.",
        )
    if settings.smtp_url is None:
        yield warn("settings", "nobody is told by mail", "Set SMTP_URL and MAIL_FROM.")
