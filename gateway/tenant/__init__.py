"""Routes of the tenant context."""
