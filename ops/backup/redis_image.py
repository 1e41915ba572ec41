"""The keys of a Redis server as one RDB file, fetched over the connection as a replica would."""

import asyncio
import os
import shutil
from pathlib import Path

from ops.errors import Refused, Unreachable
from ops.redis.question import NotYet, ask, signed_in

# Between two signs of life while the server writes its image; it sends a line feed every second.
SILENCE_SECONDS = 30.0
PIECE_BYTES = 1 << 20
# How Redis 7 and Valkey name the beginning of an append-only file, which an RDB file may be.
BASE = "appendonly.aof.1.base.rdb"
MANIFEST = f"file {BASE} seq 1 type b\n"


async def fetch(url: str, target: Path) -> None:
    """The file holds the keys as they were at one instant after this was called."""
    try:
        reader, writer = await signed_in(url)
        try:
            # A replica that wants the image alone: the server keeps nothing for it afterwards.
            agreed = await ask(reader, writer, "REPLCONF", "rdb-only", "1")
            if not agreed.startswith("+"):
                raise Refused(_refused(agreed))
            writer.write(b"*1\r\n$4\r\nSYNC\r\n")
            await writer.drain()
            await _receive(reader, target)
        finally:
            writer.close()
    except (OSError, TimeoutError, EOFError, NotYet) as wrong:
        why = str(wrong) or "it fell silent"
        raise Unreachable(f"Redis gave no whole image: {why}.") from wrong


async def _receive(reader: asyncio.StreamReader, target: Path) -> None:
    line = b""
    while not line:
        async with asyncio.timeout(SILENCE_SECONDS):
            line = (await reader.readuntil(b"\n")).strip()
    if not line.startswith(b"$"):
        raise Refused(_refused(line.decode(errors="replace")))
    left = int(line[1:])
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while left:
            async with asyncio.timeout(SILENCE_SECONDS):
                piece = await reader.read(min(left, PIECE_BYTES))
            if not piece:
                raise EOFError(f"{left} bytes are missing")
            file.write(piece)
            left -= len(piece)
        file.flush()
        os.fsync(file.fileno())


def _refused(answer: str) -> str:
    return (
        "Redis does not give its image to the user of REDIS_URL: name one who may SYNC and"
        f" REPLCONF ({answer.lstrip('-')})."
    )


def place(image: Path, data: Path) -> None:
    """A server that starts on this folder, with its append-only file on, begins with the image."""
    folder = data / "appendonlydir"
    folder.mkdir(mode=0o700, parents=True)
    shutil.copyfile(image, folder / BASE)
    (folder / "appendonly.aof.manifest").write_text(MANIFEST, encoding="ascii")
