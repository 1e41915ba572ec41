"""Handlers on a real PostgreSQL, as the role they have in production."""
