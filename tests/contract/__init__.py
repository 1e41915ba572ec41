"""What was said once must be understood for ever."""
