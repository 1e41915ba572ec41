"""The mirror: every context's events, copied to topics of a Kafka."""
