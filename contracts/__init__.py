"""What is said aloud: the envelope, every command, query, reply and event, and the error codes."""
