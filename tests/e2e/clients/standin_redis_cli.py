"""What redis-cli does with the options that docs/clients/redis-cli uses, for machines without one.

It sends the command that it is given and prints the answer one value a line, as redis-cli does when
it does not write to a terminal.
"""

import os
import socket
import sys
from collections.abc import Iterator
from io import BufferedRWPair
from typing import Any

ENCODING = "utf-8"


def main(words: list[str]) -> int:
    options, command = _split(words)
    with socket.create_connection((options["-h"], int(options["-p"])), timeout=30) as connection:
        stream = connection.makefile("rwb")
        _ask(stream, ["AUTH", options["--user"], os.environ["REDISCLI_AUTH"]])
        for line in _lines(_ask(stream, command)):
            sys.stdout.write(f"{line}\n")
    return 0


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    options = {}
    while words and words[0].startswith("-"):
        options[words[0]] = words[1]
        words = words[2:]
    return options, words


def _ask(stream: "BufferedRWPair[Any, Any]", command: list[str]) -> Any:
    parts = [word.encode(ENCODING) for word in command]
    stream.write(b"*%d\r\n" % len(parts))
    for part in parts:
        stream.write(b"$%d\r\n%s\r\n" % (len(part), part))
    stream.flush()
    return _answer(stream)


def _answer(stream: "BufferedRWPair[Any, Any]") -> Any:
    line = stream.readline()[:-2]
    kind, rest = line[:1], line[1:].decode(ENCODING)
    if kind == b"-":
        sys.exit(rest)
    if kind == b"$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode(ENCODING)
    if kind == b"*":
        return None if rest == "-1" else [_answer(stream) for _ in range(int(rest))]
    return rest


def _lines(answer: Any) -> Iterator[str]:
    if not isinstance(answer, list):
        yield answer or ""
        return
    if not answer:
        yield ""
    for one in answer:
        yield from _lines(one)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
