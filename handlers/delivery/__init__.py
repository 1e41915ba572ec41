"""The work around a handler: reading, inbox, outcome, reply, acknowledgement, relay, timers."""
