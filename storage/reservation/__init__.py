"""The reservation context's tables and queries."""
