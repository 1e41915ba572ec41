"""Handlers of the tenant context."""
