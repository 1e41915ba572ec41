"""Handlers of the reservation context."""
