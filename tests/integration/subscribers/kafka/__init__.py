"""The mirror on a real Valkey and PostgreSQL, with FastStream's test broker as its Kafka."""
