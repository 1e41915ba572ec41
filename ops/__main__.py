"""`python -m ops`: runs the platform."""

import sys

from ops.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
