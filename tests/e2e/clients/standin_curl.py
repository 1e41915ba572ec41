"""What curl does with the options that README uses, for machines without one."""

import sys
import urllib.error
import urllib.request


def main(words: list[str]) -> int:
    url, method, body = "", "", None
    headers: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0).encode()
        elif word == "-X":
            method = words.pop(0)
        elif word != "-s":
            url = word
    request = urllib.request.Request(url, body, headers, method=method or None)  # noqa: S310 - README's
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - README's
            sys.stdout.write(answer.read().decode())
    except urllib.error.HTTPError as refused:
        sys.stdout.write(refused.read().decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
