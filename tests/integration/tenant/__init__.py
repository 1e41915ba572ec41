"""The tenant context on a real PostgreSQL."""
