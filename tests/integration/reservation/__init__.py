"""The reservation context on a real PostgreSQL, its knowledge in a real Valkey."""
