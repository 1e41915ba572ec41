"""Pure truth: what a tenant, a resource, a user and a booking may be; `now` is an argument."""
