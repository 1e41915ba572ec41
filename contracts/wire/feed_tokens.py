"""Tokens of calendar feeds, whichever context's object they are about."""

from typing import Annotated

from pydantic import StringConstraints

from contracts.wire.strict import Id, Instant, Strict

FeedToken = Annotated[str, StringConstraints(max_length=100)]


class NewFeedToken(Strict):
    """The one answer that has the token: `path` is what a calendar application is given, below the
    address of this installation. Whoever has it reads the feed, without any other proof."""

    token: str
    path: str
    created_at: Instant


class FeedVerified(Strict):
    """Whose feed the token opens, and what the calendar is called."""

    tenant_id: Id
    name: str | None
