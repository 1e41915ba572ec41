"""A part that does nothing but live: in the place of a gateway it answers `/ready`.

`STANDIN_<ROLE>` in the environment changes its ways: `stubborn` ignores SIGTERM, `parent` starts a
child in a session of its own, `broken` ends at once with a complaint.
"""

import http.server
import os
import signal
import subprocess
import sys

SLEEPER = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"


class Ready(http.server.BaseHTTPRequestHandler):
    """Answers everything with 200."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing: each line of the log is to be one that a test asks for."""


def main(role: str) -> None:
    way = os.environ.get(f"STANDIN_{role.upper()}", "")
    if way == "broken":
        sys.exit("it is not meant to work")
    number = signal.SIG_IGN if way == "stubborn" else lambda *_: sys.exit(0)
    signal.signal(signal.SIGTERM, number)
    if way == "parent":
        subprocess.Popen((sys.executable, "-c", SLEEPER), start_new_session=True)
    said = (role, f"fail_point={os.environ.get('FAIL_POINT') or 'none'}", *sys.argv[2:])
    sys.stdout.write(f"{' '.join(said)}\n")
    sys.stdout.flush()
    if role == "gateway":
        address = (os.environ["GATEWAY_HOST"], int(os.environ["GATEWAY_PORT"]))
        http.server.HTTPServer(address, Ready).serve_forever()
    while role in ("handler", "relay", "subscriber", "mirror"):
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
