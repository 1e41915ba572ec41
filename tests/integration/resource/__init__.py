"""The resource context on a real database."""
