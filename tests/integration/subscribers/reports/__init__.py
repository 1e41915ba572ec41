"""Webhooks on a real PostgreSQL, sent to real HTTP servers."""
