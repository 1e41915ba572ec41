"""`python -m ops` with real servers and stand-ins for every part of our own."""

import sys

from ops.command_line import main
from ops.lineup import PROGRAMS

STANDINS = {role: ("-m", "tests.ops.standin_part", role) for role in PROGRAMS}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], STANDINS))
