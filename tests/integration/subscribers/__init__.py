"""Consumers of events on a real PostgreSQL and a real Valkey."""
