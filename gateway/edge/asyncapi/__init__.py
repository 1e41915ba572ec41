"""The AsyncAPI document: every stream, every message, who writes and who reads."""
