"""The user context on a real database."""
