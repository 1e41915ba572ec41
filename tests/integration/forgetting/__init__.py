"""What the timers forget."""
