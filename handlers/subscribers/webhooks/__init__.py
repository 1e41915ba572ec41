"""Webhooks: events that are sent to the endpoints of those who want to hear of them."""
