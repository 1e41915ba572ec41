"""What is said to and by the tenant context."""
