"""What an organisation's settings may be."""
