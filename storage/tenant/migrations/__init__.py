"""Migrations of the tenant database."""
