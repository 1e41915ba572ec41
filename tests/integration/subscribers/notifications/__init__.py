"""Notifications, from the message or event to the mail."""
