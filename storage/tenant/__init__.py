"""The tenant context's tables and queries."""
