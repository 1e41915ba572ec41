"""`python -m ops.backup take FOLDER` and `python -m ops.backup restore FOLDER`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.backup.restoring import restore
from ops.backup.taking import take
from ops.errors import StartupError
from ops.settings import Settings, environment_of


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 when it is done, 1 with one sentence on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = Settings.read(environment_of(dict(os.environ)))
        folder = chosen.folder.expanduser().resolve()
        data_dir = settings.data_dir.expanduser().resolve()
        if chosen.act == "take":
            take(settings, data_dir, folder)
            print(f"backed up to {folder}: it holds every secret, so keep it like one")
        else:
            made_at = restore(settings, data_dir, folder)
            print(f"{data_dir} is as of {made_at}; start it as always")
    except StartupError as wrong:
        print(f"slotstream: {wrong.sentence}", file=sys.stderr)
        return 1
    except PermissionError as wrong:
        print(f"slotstream: this user may not use {wrong.filename}.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.backup", description=__doc__)
    acts = parser.add_subparsers(required=True, dest="act", metavar="act")
    taking = acts.add_parser("take", help="back a running installation up")
    restoring = acts.add_parser("restore", help="bring it back into an empty DATA_DIR")
    for one in (taking, restoring):
        one.add_argument("folder", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
