"""What stands outside of the installation: mail, SMS, Kafka, traces, and its own gateway."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from ops.doctor.finding import Finding, fail, ok, skip, warn
from ops.lineup import gateway_url, host_header
from ops.running_servers import RunningServers
from ops.settings import Settings

SECONDS = 4.0
SMTP_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server greets us, with TLS where the URL says so. Nothing is sent."""
    if settings.smtp_url is None:
        instead = "nobody is told" if settings.is_production else "mails stand under /dev/mailbox"
        yield skip("mail", f"SMTP_URL is not set: {instead}")
        return
    parts = urlsplit(settings.smtp_url.get_secret_value())
    host, port = parts.hostname or "", parts.port or SMTP_PORTS[parts.scheme]
    try:
        _greeted(parts.scheme, host, port)
    except (OSError, smtplib.SMTPException) as wrong:
        advice = "Check SMTP_URL, and that this machine may reach it."
        yield fail("mail", f"{host}:{port} does not answer as it should: {wrong}", advice)
    else:
        yield ok("mail", f"{host}:{port} greets us ({parts.scheme})")


def sms(settings: Settings) -> Iterator[Finding]:
    """Whether the provider's server can be reached. Nothing is sent."""
    if settings.sms_url is None:
        yield skip("sms", "SMS_URL is not set")
        return
    parts = urlsplit(settings.sms_url)
    is_secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_secure else 80)
    yield from _reached("sms", host, port, is_secure=is_secure, setting="SMS_URL")


def kafka(settings: Settings) -> Iterator[Finding]:
    """Whether at least one bootstrap server can be reached; nobody signs in."""
    if settings.kafka_bootstrap_servers is None:
        yield skip("kafka", "KAFKA_BOOTSTRAP_SERVERS is not set: there is no mirror")
        return
    lines: list[Finding] = []
    for server in settings.kafka_bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        setting = "KAFKA_BOOTSTRAP_SERVERS"
        lines += _reached("kafka", host, int(port), is_secure=False, setting=setting)
    if any(one.state == "ok" for one in lines):
        # Any of them names the others.
        lines = [
            one if one.state == "ok" else warn(one.about, one.said, one.advice) for one in lines
        ]
    yield from lines


def collector(settings: Settings) -> Iterator[Finding]:
    """Whether the collector of traces can be reached. Nothing is sent."""
    if settings.otel_exporter_otlp_endpoint is None:
        yield skip("traces", "OTEL_EXPORTER_OTLP_ENDPOINT is not set: nothing is traced")
        return
    parts = urlsplit(settings.otel_exporter_otlp_endpoint)
    is_secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_secure else 80)
    setting = "OTEL_EXPORTER_OTLP_ENDPOINT"
    yield from _reached("traces", host, port, is_secure=is_secure, setting=setting)


def gateway(
    settings: Settings, run: RunningServers | None, elsewhere: str | None = None
) -> Iterator[Finding]:
    """Whether the gateway says that it is ready: the one at that URL, else one on this machine,
    where there is one."""
    url = elsewhere or (run.gateway if run else gateway_url(settings))
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request("GET", "/ready", headers={"Host": host_header(settings)})
        status = connection.getresponse().status
    except (OSError, HTTPException) as wrong:
        if run is None and elsewhere is None:
            yield skip("gateway", f"nothing answers at {url}")
        else:
            yield fail("gateway", f"{url} does not answer: {wrong}", "Look into its log.")
        return
    finally:
        connection.close()
    if status == 200:
        yield ok("gateway", f"{url} is ready")
    else:
        yield fail("gateway", f"{url}/ready answers {status}", "Ask it: it says what is away.")


def _greeted(scheme: str, host: str, port: int) -> None:
    context = ssl.create_default_context()
    if scheme == "smtps":
        with smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context) as server:
            server.ehlo()
        return
    with smtplib.SMTP(host, port, timeout=SECONDS) as server:
        server.ehlo()
        if scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)


def _reached(
    about: str, host: str, port: int, *, is_secure: bool, setting: str
) -> Iterator[Finding]:
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            if is_secure:
                context = ssl.create_default_context()
                context.wrap_socket(connection, server_hostname=host).close()
    except OSError as wrong:
        advice = f"Check {setting}, and that this machine may reach it."
        yield fail(about, f"{host}:{port} cannot be reached: {wrong}", advice)
    else:
        yield ok(about, f"{host}:{port} can be reached")
