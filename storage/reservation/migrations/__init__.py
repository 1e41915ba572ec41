"""Migrations of the reservation database."""
