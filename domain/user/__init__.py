"""Who may do what, and what an address and a password must be."""
