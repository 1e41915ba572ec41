"""Moving a tenant from one installation to another."""
