"""Billing on a real PostgreSQL."""
