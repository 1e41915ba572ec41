"""Handlers of the user context."""
