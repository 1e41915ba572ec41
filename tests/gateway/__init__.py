"""The gateway over real streams, answered by a scripted peer in place of the handlers."""
