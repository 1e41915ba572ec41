"""How long is waited for an owner that does not answer, where nobody can be told to try again."""

from contracts.wire.envelope import Envelope

# Seconds between tries of what nobody waits for, within the hard limit of a handler.
PATIENCE = (0.25, 0.5, 1.0, 2.0, 4.0)


def is_waited_for(envelope: Envelope) -> bool:
    """Whether somebody can be told to try again. What the platform tells itself has nobody but us:
    it is tried again here, and then delivered again."""
    return bool(envelope.reply_to) or envelope.actor.kind != "system"
