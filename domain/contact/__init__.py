"""How somebody is reached, whoever that is."""
