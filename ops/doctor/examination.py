"""Everything that is looked at, in its order. Read it aloud."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from contracts.wire.streams import PUBLISHING
from handlers.app.preparing import SERVED, groups_of, mirrors_groups
from handlers.delivery.settings import ProcessSettings
from ops.alone import Alone
from ops.doctor import clocks, given, machine, outside, postgres, redis_server, signing, streams
from ops.doctor.finding import Finding, skip
from ops.errors import StartupError
from ops.settings import Settings


def examine(
    environment: Mapping[str, str],
    programs: Mapping[str, tuple[str, ...]],
    root: Path,
    elsewhere: str | None = None,
) -> Iterator[Finding]:
    """A line for each thing, as it is found out; what needs settings that are wrong is skipped.

    `elsewhere` is the URL of a gateway that is not of this machine.
    """
    yield from machine.python()
    settings, findings = given.read(environment)
    yield from machine.packages(brings_servers=settings is None or _brings_servers(settings))
    yield from findings
    yield from given.file(environment)
    if settings is None:
        yield skip("all the rest", "the settings have to be right first")
        return
    data_dir = (root / settings.data_dir.expanduser()).resolve()
    alone = Alone(settings, environment, programs, data_dir)
    yield from machine.data_folder(data_dir, brings_servers=_brings_servers(settings))
    yield from signing.keys(alone)
    at_the_door = list(outside.gateway(settings, alone.run, elsewhere))
    if elsewhere is None:
        serves = any(one.state == "ok" for one in at_the_door)
        yield from machine.port(settings, alone.run, data_dir, serves=serves)
    yield from _servers(alone)
    yield from at_the_door
    yield from outside.mail(settings)
    yield from outside.sms(settings)
    yield from outside.kafka(settings)
    yield from outside.collector(settings)


def _brings_servers(settings: Settings) -> bool:
    return settings.needs_embedded_postgres or settings.redis_url is None


def _servers(alone: Alone) -> Iterator[Finding]:
    readings = []
    url = _redis_url(alone)
    if isinstance(url, Finding):
        yield url
    else:
        yield from redis_server.server(url)
        readings.append(clocks.of_redis(url))
    seen = _postgres(alone)
    yield from seen.findings
    readings.append(seen.clock)
    yield from clocks.differences(one for one in readings if one is not None)
    if isinstance(url, str) and readings[0] is not None:
        yield from streams.streams(url, expected(alone.settings, url), seen.relays)


def _redis_url(alone: Alone) -> str | Finding:
    try:
        return alone.redis_url
    except StartupError as nowhere:
        return skip("redis", nowhere.sentence)


def _postgres(alone: Alone) -> postgres.Seen:
    try:
        databases, secret_key = alone.databases, alone.secret_key
    except StartupError as nowhere:
        return postgres.Seen([skip("postgres", nowhere.sentence)])
    return postgres.server(databases, secret_key, PUBLISHING)


def expected(settings: Settings, redis_url: str) -> streams.Expected:
    """The groups that `prepare` makes with these settings."""
    names = tuple(publisher.name for publisher in settings.publishers)
    told = ProcessSettings(
        redis_url=redis_url,
        secret_key=SecretStr("unused"),
        environment=settings.environment,
        ingress_publishers=json.dumps([one.model_dump() for one in settings.publishers]),
    )
    groups = groups_of(told)
    if settings.kafka_bootstrap_servers is not None:
        groups += mirrors_groups()
    return streams.Expected(tuple(groups), SERVED, names)
