"""What a message must be before a handler sees it: known, by its contract, and allowed."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from contracts.wire.envelope import Envelope
from contracts.wire.problems import Problem, problem_of
from contracts.wire.sealing import Keyring, Unopenable, open_fields
from handlers.delivery.work import Asked, CommandRoute, QueryRoute

Route = CommandRoute | QueryRoute


class Rejected(Exception):
    """Not for a handler, for the reason that the problem says."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def checked(
    envelope: Envelope, routes: Mapping[str, Route], keyring: Keyring
) -> tuple[Asked[Any], Route]:
    """The valid message and its route. Raises Rejected."""
    route = routes.get(envelope.type)
    if route is None:
        raise Rejected(Problem(code="unknown_type", detail=f"{envelope.type} is not handled"))
    try:
        data = open_fields(envelope.data, route.message.secret_fields, keyring)
        message = route.message.model_validate_json(data)
    except ValidationError as failure:
        raise Rejected(problem_of(failure)) from None
    except (Unopenable, ValueError):
        raise Rejected(Problem(code="malformed_json", detail="data is not JSON")) from None
    wanted = route.message.permissions
    if wanted and not envelope.actor.may(*wanted):
        raise Rejected(Problem(code="forbidden", detail=f"{' or '.join(wanted)} is needed"))
    return Asked(message, envelope), route
