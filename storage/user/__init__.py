"""The user context's tables and queries."""
