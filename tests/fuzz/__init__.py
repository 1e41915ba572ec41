"""Requests drawn from the OpenAPI documents, sent to a real installation."""
