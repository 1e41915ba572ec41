"""`python -m tests.gateway.patient_gateway`: a gateway that waits longer for Redis.

What comes to it at once, by the hundreds, may keep its loop busy for so long that a Redis which
answered seems not to; a test of what it does with all of them is about something else.
"""

import sys

from gateway.__main__ import main
from gateway.edge import pulse, redis_line

ANSWER_WITHIN = 30.0

if __name__ == "__main__":
    for module in (pulse, redis_line):
        vars(module).update(ANSWER_WITHIN=ANSWER_WITHIN)
    redis_line.RedisLine.__init__.__defaults__ = (ANSWER_WITHIN,)
    sys.exit(main())
