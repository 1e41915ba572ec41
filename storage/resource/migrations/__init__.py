"""Migrations of the resource database."""
