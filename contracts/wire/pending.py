"""Who waits for which reply, without I/O: the half of asking that gateway and handlers share."""

import asyncio

from contracts.wire.envelope import Envelope
from contracts.wire.reply import Reply


def waiting_key(message_id: str, traceparent: str) -> str:
    """What a reply is matched by. The id alone is not enough: two requests with one
    Idempotency-Key and different bodies share it, and their answers differ."""
    return f"{message_id}/{traceparent}"


class PendingReplies:
    """Futures by message. A reply that nobody waits for any more is dropped: the outcome
    stands in the inbox."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Reply]] = {}

    def expect(self, asked: Envelope) -> asyncio.Future[Reply]:
        """A future for the reply to `asked`, whose traceparent has a span of its own."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[waiting_key(str(asked.id), asked.traceparent)] = future
        return future

    def forget(self, asked: Envelope) -> None:
        """The wait is over, with or without a reply."""
        self._waiting.pop(waiting_key(str(asked.id), asked.traceparent), None)

    def settle(self, answer: Envelope, reply: Reply) -> None:
        """Hands the reply to whoever waits; an answer's `subject` is the id that was asked."""
        future = self._waiting.pop(waiting_key(answer.subject, answer.traceparent), None)
        if future is not None and not future.done():
            future.set_result(reply)

    def __len__(self) -> int:
        return len(self._waiting)
