"""Sliding windows, counted in Redis by Redis' own clock.

A window is a hash of slices, each a twelfth of its length. What is counted is the slice of now and
the twelve before it: a little more than the window and never less, so in no interval of that length
is more let through than the quota. A hash has thirteen fields at most, and expires when all of it
is past.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.edge.scripts import Script

SLICES = 12
_QUOTA = re.compile(r"^([1-9][0-9]{0,8})/([1-9][0-9]{0,5})$")

# For scripts to begin with. look(key, quota, length): how many are left, in how many milliseconds
# there are more, and the slice of now. take(key, length) counts one more.
WINDOW = f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function slice_of(length) return math.ceil(length / {SLICES}) end
local function look(key, quota, length)
  local slice = slice_of(length)
  local current = math.floor(now / slice)
  local used, oldest, past = 0, current, {{}}
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local at, count = tonumber(fields[i]), tonumber(fields[i + 1])
    if at < current - {SLICES} then
      past[#past + 1] = fields[i]
    elseif count > 0 then
      used = used + count
      if at < oldest then oldest = at end
    end
  end
  if #past > 0 then redis.call('HDEL', key, unpack(past)) end
  return quota - used, (oldest + {SLICES + 1}) * slice - now, current
end
local function take(key, length)
  local slice = slice_of(length)
  redis.call('HINCRBY', key, string.format('%d', math.floor(now / slice)), 1)
  redis.call('PEXPIRE', key, slice * {SLICES + 2})
end
"""

# KEYS: windows; ARGV: quota and length of each. Answers 1 where every window had room, and then one
# more is counted in each; then for each what is left and in how many milliseconds there is more.
_ADMIT = Script(
    WINDOW
    + """
local told, room = {1}, true
for i, key in ipairs(KEYS) do
  local left, more = look(key, tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i]))
  told[2 * i], told[2 * i + 1] = left, more
  if left <= 0 then room = false end
end
if not room then
  told[1] = 0
  return told
end
for i, key in ipairs(KEYS) do
  take(key, tonumber(ARGV[2 * i]))
  told[2 * i] = told[2 * i] - 1
end
return told
"""
)


@dataclass(frozen=True, slots=True)
class Quota:
    """So many in so many seconds."""

    count: int
    seconds: int

    @classmethod
    def read(cls, text: str) -> "Quota":
        """`3000/60`: 3,000 in any 60 seconds. Raises ValueError."""
        found = _QUOTA.match(text.strip())
        if found is None:
            raise ValueError("a limit is written as a number and seconds: 3000/60")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Window:
    """A quota as it applies to somebody: `policy` is its name, `key` whose it is."""

    policy: str
    quota: Quota
    key: str


@dataclass(frozen=True, slots=True)
class Left:
    """How many are left in a window, and in how many seconds there are more."""

    window: Window
    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more was let through, and what is left in each window."""

    admitted: bool
    left: tuple[Left, ...]

    @property
    def retry_after(self) -> int:
        """When every window that is full has room again, in seconds."""
        return max((left.seconds for left in self.left if not left.count), default=0)


def admission(windows: Sequence[Window]) -> tuple[Script, list[str], list[int]]:
    """The script that lets one more through all windows or none, its keys and its words."""
    words = [n for window in windows for n in (window.quota.count, window.quota.seconds * 1000)]
    return _ADMIT, [window.key for window in windows], words


def verdict_of(windows: Sequence[Window], told: Any) -> Verdict:
    """What the script said."""
    admitted, *rest = (int(number) for number in told)
    left = tuple(
        Left(window, max(count, 0), max(1, math.ceil(milliseconds / 1000)))
        for window, count, milliseconds in zip(windows, rest[::2], rest[1::2], strict=True)
    )
    return Verdict(bool(admitted), left)
