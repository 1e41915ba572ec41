"""Free ports on this machine, kept from run to run while nobody else took them."""

import json
import socket
from pathlib import Path

from ops.keys import write_privately

LOOPBACK = "127.0.0.1"


def obstacle(host: str, port: int) -> OSError | None:
    """Why no server could listen there now; None when one could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as wrong:
            return wrong
    return None


def is_free(host: str, port: int) -> bool:
    return obstacle(host, port) is None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def kept_ports(path: Path, names: tuple[str, ...]) -> dict[str, int]:
    """One loopback port for each name: the one of the last run when it is still free."""
    try:
        before = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        before = {}
    chosen: dict[str, int] = {}
    for name in names:
        port = before.get(name) if isinstance(before, dict) else None
        if not isinstance(port, int) or not 0 < port < 65536 or not is_free(LOOPBACK, port):
            port = free_port()
        while port in chosen.values():
            port = free_port()
        chosen[name] = port
    if chosen != before:
        write_privately(path, json.dumps(chosen).encode("ascii"))
    return chosen
