"""What is said to and by the reservation context."""
