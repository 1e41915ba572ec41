"""compose.yaml as Compose itself resolves it: the program of the wheel, which needs no engine."""

import json
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# The script that the wheel installs ends with 0 whatever happened; this is what it calls.
PROGRAM = Path(str(files("compose"))) / "docker-compose"
PLAIN = ("compose.yaml",)
WITH_TLS = ("compose.yaml", "compose.tls.yaml")
PROFILES = ("doctor", "kafka", "watch")
# The services that are processes of ours.
OWN = {
    "administrator", "doctor", "gateway", "mirror", "prepare", "redis-users", "relay", "subscriber",
    "worker-ingress", "worker-reservation", "worker-resource", "worker-tenant", "worker-user",
}  # fmt: skip
WORKERS = {name for name in OWN if name.startswith("worker-")}
# What nothing starts without.
ASKED_FOR = {
    "POSTGRES_PASSWORD": "postgres-password-of-the-tests",
    "REDIS_ADMINISTRATOR_PASSWORD": "redis-administrator-of-the-tests",
    "REDIS_PASSWORD": "redis-password-of-the-tests",
    "SECRET_KEY": "secret-key-of-the-tests",
    "ALLOWED_HOSTS": "127.0.0.1, localhost",
    "PLATFORM_ADMIN_EMAIL": "admin@tests.example",
    "PLATFORM_ADMIN_PASSWORD": "platform-password-of-the-tests",
    "GRAFANA_PASSWORD": "grafana-password-of-the-tests",
}


def run(
    names: tuple[str, ...],
    words: tuple[str, ...],
    environment: dict[str, str],
    profiles: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """`docker compose` with these files and this environment, and no other."""
    return subprocess.run(
        [
            str(PROGRAM),
            *(word for name in names for word in ("-f", name)),
            *(word for profile in profiles for word in ("--profile", profile)),
            *("--env-file", "/dev/null"),
            *words,
        ],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def resolved(
    names: tuple[str, ...] = PLAIN,
    profiles: tuple[str, ...] = PROFILES,
    more: tuple[tuple[str, str], ...] = (),
) -> dict[str, Any]:
    """The whole model; a service per name under `services`."""
    environment = {**ASKED_FOR, "TLS_FOLDER": "/etc/tls-of-the-tests", **dict(more)}
    done = run(names, ("config", "--format", "json"), environment, profiles)
    assert done.returncode == 0, done.stderr
    # What it prints is to be read by Compose again, and so every dollar stands there twice.
    found: dict[str, Any] = json.loads(done.stdout.replace("$$", "$"))
    return found


def services(**how: Any) -> dict[str, dict[str, Any]]:
    """Each by its name."""
    found: dict[str, dict[str, Any]] = resolved(**how)["services"]
    return found


def told(name: str) -> dict[str, str | None]:
    """The environment of one; None is what `.env` does not say."""
    found: dict[str, str | None] = services()[name].get("environment") or {}
    return found
