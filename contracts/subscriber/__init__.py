"""What is said to and by the subscribers of events."""
