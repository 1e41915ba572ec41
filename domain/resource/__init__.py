"""What a bookable resource is."""
