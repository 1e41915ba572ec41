"""Migrations of the user database."""
