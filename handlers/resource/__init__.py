"""Handlers of the resource context."""
