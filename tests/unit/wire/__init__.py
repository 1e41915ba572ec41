"""What is on the wire, without a wire."""
