"""`python -m tests.rules`: prints each breach, and exits with 1 when there is one."""

import sys
from pathlib import Path

from tests.rules.book import all_breaches


def main() -> int:
    found = all_breaches(Path(__file__).parents[2])
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
