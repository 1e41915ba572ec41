"""What a booking may be, and how free time is computed (the scheduling rules)."""
