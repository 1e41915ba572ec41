"""Routes of the reservation context."""
