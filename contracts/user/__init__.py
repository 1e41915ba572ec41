"""What is said to and by the user context."""
