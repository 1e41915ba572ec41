"""What is said, in each language."""
