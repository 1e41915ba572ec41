"""A tenant that moves from one installation to another."""
