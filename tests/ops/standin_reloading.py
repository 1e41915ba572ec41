"""A stand-in that starts again when something changes in the folder that is named."""

import os
import sys
from pathlib import Path

from ops.part import Part
from ops.reloading import keep_reloading
from tests.installation import ROOT

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    argv = (sys.executable, "-m", "tests.ops.standin_part", "handler")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FAIL_POINT": ""}
    first = {"FAIL_POINT": "once"}
    part = Part("worker-1", "handler", argv, environment, folder, first_environment=first)
    sys.exit(keep_reloading(part))
