"""Billing: counts what a bill is made of, and answers with usage and statements."""
