"""Migrations of the subscriber database."""
