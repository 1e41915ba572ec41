"""Inbox, outbox, sessions and the Redis cache: what every context's storage stands on."""
