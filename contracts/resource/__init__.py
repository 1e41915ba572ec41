"""What is said to and by the resource context."""
