"""The resource context's tables and queries."""
