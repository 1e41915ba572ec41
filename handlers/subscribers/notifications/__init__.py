"""Notifications: what is to be said to people, in their language, and by which way."""
