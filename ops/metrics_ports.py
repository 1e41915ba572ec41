"""On which port each process of one run says how it fares."""

import errno
from collections.abc import Mapping
from dataclasses import replace

from ops.embedded.ports import obstacle
from ops.errors import StartupError, Taken
from ops.lineup import Lineup, url_of
from ops.settings import Settings


def with_metrics_ports(lineup: Lineup) -> Lineup:
    """The lineup whose processes have METRICS_PORT and those after it, in the order in which they
    stop: gateways first. Raises StartupError where one of them cannot be listened on."""
    first = lineup.settings.metrics_port
    if not first:
        return lineup
    lasting = (
        *lineup.gateways(),
        *lineup.handlers(),
        lineup.relay(),
        *lineup.subscribers(),
        *lineup.mirrors(),
    )
    ports = {part.name: first + place for place, part in enumerate(lasting)}
    _refuse_unusable(lineup.settings, ports)
    return replace(lineup, metrics_ports=ports)


def metrics_urls(lineup: Lineup) -> dict[str, str]:
    """Where the page of each process is."""
    host = lineup.settings.metrics_host
    return {name: f"{url_of(host, port)}/metrics" for name, port in lineup.metrics_ports.items()}


def _refuse_unusable(settings: Settings, ports: Mapping[str, int]) -> None:
    last = max(ports.values())
    if last > 65535:
        raise StartupError(
            f"METRICS_PORT cannot be used: {len(ports)} processes need one each, up to {last}."
        )
    for name, port in ports.items():
        wrong = obstacle(settings.metrics_host, port)
        taken = wrong is not None and wrong.errno == errno.EADDRINUSE
        if taken or port == settings.gateway_port:
            raise Taken(
                f"Port {port}, on which {name} would serve its metrics, is taken: "
                "set METRICS_PORT to where free ones begin."
            )
        if wrong is not None:
            raise StartupError(
                f"Nothing can listen on port {port} of METRICS_HOST {settings.metrics_host}: "
                f"{wrong.strerror}."
            )
