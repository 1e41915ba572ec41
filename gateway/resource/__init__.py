"""Routes of the resource context."""
