"""Times on the command line: an instant, or how long ago."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AGO = re.compile(r"^([1-9][0-9]{0,6})([smhdw])$")


class Moment(click.ParamType[int]):
    """Milliseconds since the epoch, of `2026-11-30T12:00Z`, a date, or `90m` ago. What names no
    zone is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """A value that is read already, as a default is, stays as it is."""
        if isinstance(value, int):
            return value
        ago = AGO.fullmatch(value)
        if ago:
            moment = datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        else:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                self.fail(
                    f"{value!r} is neither an instant nor a time such as 90m, 6h, 2d", param, ctx
                )
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)


MOMENT = Moment()
