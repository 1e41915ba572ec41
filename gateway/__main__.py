"""`python -m gateway`: serves until it is told to stop, and then stops without losing a request."""

import asyncio
import gc
import logging
import socket
import sys
from types import FrameType

import uvicorn
from pydantic import ValidationError

from gateway.app import build_app
from gateway.edge.doorway import Drain
from gateway.edge.http_protocol import protocol
from gateway.edge.parts import build_parts
from gateway.edge.settings import GatewaySettings, read_settings
from journal.notes import note, set_up_logging
from journal.spans import stop_tracing

# Long enough for a client that is between two requests to send the next one, be answered with
# `Connection: close`, and turn to somebody else.
DRAIN_SECONDS = 1.0
LAST_REQUEST_SECONDS = 0.4
# What is still under way then has this long; the whole stays under the supervisor's 4 s.
FINISH_SECONDS = 2


class Server(uvicorn.Server):
    """uvicorn, but the first signal only begins the drain; a second one ends it."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        # What start-up made stays: a full collection need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        note(logging.INFO, "the gateway serves")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del sig, frame
        if self._loop is None or self._drain.on:
            self.should_exit = True
            return
        self._drain.on = True
        self._loop.call_soon_threadsafe(self._begin_drain)

    def _begin_drain(self) -> None:
        note(logging.INFO, "the gateway drains", seconds=DRAIN_SECONDS)
        self._drain.begun.set()
        self._draining = asyncio.get_running_loop().create_task(self._end_drain())

    async def _end_drain(self) -> None:
        """No new connection is taken before the end; those that were taken last have a moment to
        send what they came for, or uvicorn would close them with their request under way."""
        await asyncio.sleep(DRAIN_SECONDS)
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_REQUEST_SECONDS)
        self.should_exit = True


def bound_socket(host: str, port: int, *, shared: bool = True) -> socket.socket:
    """Several gateways of one installation share a port, and the kernel deals out connections.
    Raises OSError, which says which port of which host."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError as wrong:
        bound.close()
        raise OSError(wrong.errno, f"{host} port {port}: {wrong.strerror}") from wrong
    bound.set_inheritable(False)
    return bound


def serve(settings: GatewaySettings) -> None:
    """Serves until the drain has ended."""
    bound = [bound_socket(settings.gateway_host, settings.gateway_port)]
    if settings.metrics_port:
        # Of this process alone, or a scrape would be dealt out like any request.
        bound += [bound_socket(settings.metrics_host, settings.metrics_port, shared=False)]
    parts = build_parts(settings)
    app = build_app(settings, parts)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol(app.premises.always, parts.metrics.answered),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    Server(config, parts.drain).run(sockets=bound)


def main() -> int:
    """The exit status: 0 after a drain, 1 where the gateway could not start."""
    try:
        settings = read_settings()
    except ValidationError as failure:
        wrong = "; ".join(
            f"{'.'.join(map(str, error['loc'])).upper()}: {error['msg']}"
            for error in failure.errors(include_input=False, include_url=False)
        )
        sys.stderr.write(f"The gateway's settings are not right: {wrong}\n")
        return 1
    set_up_logging(settings.log_level, settings.log_format, settings.instance_name)
    settings.collector.trace("gateway", settings.instance_name)
    try:
        serve(settings)
    except (OSError, ValueError, KeyError) as failure:
        note(logging.ERROR, "the gateway cannot start", error=str(failure))
        return 1
    finally:
        stop_tracing()
    return 0


if __name__ == "__main__":
    sys.exit(main())
