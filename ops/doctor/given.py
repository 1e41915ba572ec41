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
from ops.production import objections
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
    of_parts = [*objections(settings, makes_administrator=False), *misfits(settings)]
    of_administrator = [one for one in objections(settings) if one not in of_parts]
    for one in of_parts:
        yield fail("settings", one, "Change it: nothing starts with it.")
    for one in of_administrator:
        if _has_processes_apart(settings):
            yield warn("settings", one, "`slotstream run` needs it; single processes do not.")
        else:
            yield fail("settings", one, "Set it: `slotstream run` does not start with it.")
    if not of_parts and not of_administrator:
        yield ok("settings", f"right for {settings.environment}")
    if not of_parts and settings.is_production:
        yield from _of_production(settings)


def _has_processes_apart(settings: Settings) -> bool:
    """Whether this looks like one of several hosts, which need not know the administrator."""
    is_given = "platform_admin_password" in settings.model_fields_set
    return not is_given and settings.redis_url is not None


def _of_production(settings: Settings) -> Iterator[Finding]:
    if settings.cors_origins is None and settings.allowed_hosts is None:
        yield warn(
            "settings",
            "any Host is answered",
            "Set ALLOWED_HOSTS to the names that clients use.",
        )
    if settings.smtp_url is None:
        yield warn("settings", "nobody is told by mail", "Set SMTP_URL and MAIL_FROM.")
