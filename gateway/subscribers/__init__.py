"""Routes to what the subscribers of events keep."""
