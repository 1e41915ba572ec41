"""The subscriber context's tables and queries."""
