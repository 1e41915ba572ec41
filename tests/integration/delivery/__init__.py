"""The work around a handler, on a real PostgreSQL and a real Valkey."""
